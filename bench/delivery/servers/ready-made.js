// The floor for Node: sockets, and one buffer per topic and turn, made once and written to each. No checks, no bounds.
import { Past, Topics } from "../topics.js";
import { Numbering } from "../wire.js";

export class ReadyMade {
  #topics = /** @type {Topics<import("node:stream").Duplex>} */ (new Topics());
  #past = /** @type {Past<Buffer>} */ (new Past());
  #numbering = new Numbering();
  #encode;

  /** @param {(message: import("../wire.js").Numbered) => Buffer} encode */
  constructor(encode) {
    this.#encode = encode;
  }

  connections = () => this.#topics.size;
  cursor = () => this.#numbering.cursor;

  /**
   * @param {import("node:stream").Duplex} socket
   * @param {{ topics: readonly string[], after: string | undefined }} request
   */
  add(socket, { topics, after }) {
    const past = this.#past.after(after);
    if (past.length > 0) socket.write(Buffer.concat(past));
    socket.once("close", this.#topics.join(topics, socket));
  }

  /** @param {readonly import("../wire.js").Outgoing[]} turn */
  publish = (turn) => {
    if (turn.length > 1 && turn.every(({ topic }) => topic === "all")) {
      this.#write("all", Buffer.concat(turn.map((message) => this.#make(message))));
    } else for (const message of turn) this.#write(message.topic, this.#make(message));
  };

  /** @param {import("../wire.js").Outgoing} message */
  #make(message) {
    const numbered = this.#numbering.next(message);
    const buffer = this.#encode(numbered);
    this.#past.keep(message.topic, numbered.id, buffer);
    return buffer;
  }

  /** @param {string} topic @param {Buffer} buffer */
  #write(topic, buffer) {
    for (const socket of this.#topics.of(topic)) socket.write(buffer);
  }
}
