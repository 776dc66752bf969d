// One client of the swarm: a raw socket that reads, finds markers, and keeps nothing.
import { connect } from "node:net";
import { MarkerScanner } from "./marker.js";

/** All clients read into this one: what was read is looked at before the next read begins. */
const READ_BUFFER = Buffer.allocUnsafe(262_144);
const HEAD_END = "\r\n\r\n";
/** A head is short; what is longer is not the answer that was expected. */
const MAX_HEAD = 4096;

export class Client {
  #socket;
  #handshake;
  #tally;
  #scanner = new MarkerScanner();
  /** What came before the client was in; `undefined` afterwards. @type {string | undefined} */
  #head = "";
  #opened = Promise.withResolvers();
  #onMarker;
  #isGreeted = false;
  #keepBytes;
  /** The first bytes after the head, as text: where a server says what it does about a cursor. */
  beginning = "";
  isClosed = false;

  /**
   * @param {object} options
   * @param {number} options.port
   * @param {import("./handshakes.js").Handshake} options.handshake
   * @param {import("./handshakes.js").Asking} options.asking
   * @param {import("./tally.js").Tally} options.tally
   * @param {(micros: number) => void} options.onDelivery
   * @param {number} [options.keepBytes] - how much of the beginning is kept as text. Default nothing
   */
  constructor({ port, handshake, asking, tally, onDelivery, keepBytes = 0 }) {
    this.#handshake = handshake;
    this.#keepBytes = keepBytes;
    this.#tally = tally;
    this.#onMarker = (/** @type {number} */ micros, /** @type {number} */ seq) => {
      if (tally.receive(seq)) onDelivery(micros);
    };
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      onread: {
        buffer: READ_BUFFER,
        callback: (count, buffer) => {
          this.#read(/** @type {Buffer} */ (buffer).subarray(0, count));
          return true;
        },
      },
    });
    this.#socket.write(handshake.request(asking));
    this.#socket.on("error", (error) => this.#opened.reject(error));
    this.#socket.on("close", () => {
      this.isClosed = true;
      this.#opened.reject(new Error("The server closed the connection before it answered."));
    });
    this.opened.catch(() => {});
  }

  /** Resolves when the server has accepted it. */
  get opened() {
    return this.#opened.promise;
  }

  get tally() {
    return this.#tally;
  }

  get localPort() {
    return this.#socket.localPort ?? 0;
  }

  /** Reads no more; what the server sends fills the buffers between the two. */
  stall() {
    this.#socket.pause();
  }

  /** Leaves without a goodbye, so that no port of this end stays taken. */
  drop() {
    this.#socket.resetAndDestroy();
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    if (this.#head !== undefined) {
      this.#readHead(bytes);
      return;
    }
    if (this.beginning.length < this.#keepBytes) this.beginning += bytes.toString("latin1");
    this.#scanner.scan(bytes, this.#onMarker);
  }

  /** @param {Buffer} bytes */
  #readHead(bytes) {
    const head = `${this.#head}${bytes.toString("latin1")}`;
    this.#head = head;
    const end = head.indexOf(HEAD_END);
    if (end < 0) {
      if (head.length > MAX_HEAD) this.#opened.reject(new Error(`No answer: ${head.slice(0, 80)}`));
      return;
    }
    const { status, hello, welcome } = this.#handshake;
    if (!head.startsWith(`HTTP/1.1 ${status} `)) {
      this.#opened.reject(new Error(`Refused: ${head.slice(0, 300)}`));
      return;
    }
    const rest = head.slice(end + HEAD_END.length);
    if (hello !== undefined && !this.#isGreeted) {
      this.#isGreeted = true;
      this.#socket.write(hello);
    }
    if (welcome !== undefined && !rest.includes(welcome)) return;
    this.#head = undefined;
    if (this.#keepBytes > 0) this.beginning = rest;
    this.#opened.resolve(undefined);
    this.#scanner.scan(Buffer.from(rest, "latin1"), this.#onMarker);
  }
}
