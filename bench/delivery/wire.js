// What goes into a server under test, and the bytes that every one of them sends for a message: those of inkwire, so that
// only the way to the socket differs.

/**
 * @typedef {object} Outgoing
 * @property {"all" | `user/${string}`} topic
 * @property {"notification" | "bench_blob"} type
 * @property {any} data
 */

/**
 * What the harness needs of a server under test.
 *
 * @typedef {object} Peer
 * @property {import("node:http").Server} http - not listening yet
 * @property {() => number} connections - how many get messages now
 * @property {() => string} cursor - after which a client that has everything goes on
 * @property {(turn: readonly Outgoing[]) => void | Promise<unknown>} publish - the messages of one turn of the event loop
 */

/** @typedef {{ secret: string }} PeerOptions */

/** @typedef {{ id: string, type: string, json: string }} Numbered */

/** Numbers messages and writes their JSON, once each. */
export class Numbering {
  #head = 0;

  get cursor() {
    return `bench0.${this.#head}`;
  }

  /** @param {Outgoing} message @returns {Numbered} */
  next({ topic, type, data }) {
    this.#head += 1;
    const id = this.cursor;
    const time = new Date().toISOString();
    return { id, type, json: JSON.stringify({ id, type, topic, time, data }) };
  }
}

/** @param {Numbered} message */
export function sseText({ id, type, json }) {
  return `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
}

/** A chunk of HTTP/1.1 (RFC 9112 section 7.1) that holds one event, ready for the response's socket. @param {Numbered} message */
export function sseChunk(message) {
  const text = sseText(message);
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** An unmasked text frame (RFC 6455 section 5.2). @param {Numbered} message */
export function textFrame({ json }) {
  const length = Buffer.byteLength(json);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  frame[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head === 4) frame.writeUInt16BE(length, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.write(json, head);
  return frame;
}

export const SSE_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** Who asks, as far as a peer without tokens is concerned, and from where on. @param {import("node:http").IncomingMessage} request */
export function readRequest(request) {
  const user = new URL(request.url ?? "/", "http://localhost").searchParams.get("user");
  const after = request.headers["last-event-id"]?.toString();
  return { topics: ["all", `user/${user}`], after };
}
