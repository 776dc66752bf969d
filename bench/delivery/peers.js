// Who is measured, and beside which floor its costs are given.

/**
 * @typedef {object} PeerInfo
 * @property {string} title
 * @property {string} server - its file in servers/
 * @property {"sse" | "websocket" | "socket.io"} wire
 * @property {string} floor - the peer that others of its wire are compared with
 */

/** @satisfies {Record<string, PeerInfo>} */
export const peers = {
  "bare-socket": {
    title: "bare Node socket, ready-made chunk",
    server: "bare-socket",
    wire: "sse",
    floor: "bare-socket",
  },
  inkwire: { title: "**inkwire**, SSE", server: "inkwire", wire: "sse", floor: "bare-socket" },
  "node-http": {
    title: "`node:http`, `res.write`",
    server: "node-http",
    wire: "sse",
    floor: "bare-socket",
  },
  "better-sse": { title: "better-sse", server: "better-sse", wire: "sse", floor: "bare-socket" },
  "h3-event-stream": {
    title: "h3 `EventStream`",
    server: "h3-event-stream",
    wire: "sse",
    floor: "bare-socket",
  },
  "ws-frame": {
    title: "`ws`, frame built once",
    server: "ws-frame",
    wire: "websocket",
    floor: "ws-frame",
  },
  "inkwire-ws": {
    title: "**inkwire**, WebSocket",
    server: "inkwire",
    wire: "websocket",
    floor: "ws-frame",
  },
  "ws-send": { title: "`ws`, `send`", server: "ws-send", wire: "websocket", floor: "ws-frame" },
  "socket-io": { title: "Socket.IO", server: "socket-io", wire: "socket.io", floor: "ws-frame" },
};

/** @typedef {keyof typeof peers} PeerName */

/** The npm packages behind the peers, whose versions belong to the numbers. */
export const packages = ["better-sse", "h3", "socket.io", "ws"];
