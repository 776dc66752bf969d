// How a client of the swarm becomes one: the bytes it sends, and when it is in.

/**
 * @typedef {object} Asking
 * @property {number} user
 * @property {string} token
 * @property {string | undefined} cursor - what it has already
 */

/**
 * @typedef {object} Handshake
 * @property {(asking: Asking) => string} request
 * @property {number} status - of an answer that is no refusal
 * @property {Buffer} [hello] - sent once the answer is there
 * @property {string} [welcome] - text that comes before the client is in
 */

const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  // The swarm checks no answer to it, so that all may have the example of RFC 6455 section 1.3.
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** @param {string} path @param {Asking} asking @param {readonly string[]} lines */
function get(path, { user, token }, lines) {
  const query = `${path.includes("?") ? "&" : "?"}user=${user}`;
  const head = [
    `GET ${path}${query} HTTP/1.1`,
    "Host: 127.0.0.1",
    `Authorization: Bearer ${token}`,
  ];
  return `${[...head, ...lines].join("\r\n")}\r\n\r\n`;
}

/** @param {string} text - at most 125 bytes */
function maskedFrame(text) {
  // A mask of zeros is a mask (RFC 6455 section 5.3), and leaves the text readable here.
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** @type {Readonly<Record<"sse" | "websocket" | "socket.io", Handshake>>} */
export const handshakes = {
  sse: {
    request: (asking) =>
      get("/events", asking, [
        "Accept: text/event-stream",
        ...(asking.cursor === undefined ? [] : [`Last-Event-ID: ${asking.cursor}`]),
      ]),
    status: 200,
  },
  websocket: {
    request: (asking) =>
      get(asking.cursor === undefined ? "/ws" : `/ws?last_event_id=${asking.cursor}`, asking, [
        ...UPGRADE,
        "Sec-WebSocket-Protocol: inkwire.v1",
      ]),
    status: 101,
  },
  "socket.io": {
    request: (asking) => get("/socket.io/?EIO=4&transport=websocket", asking, UPGRADE),
    status: 101,
    // Packet 4 (message), type 0 (CONNECT to the main namespace), and the same as the answer.
    hello: maskedFrame("40"),
    welcome: "40{",
  },
};
