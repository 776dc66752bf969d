import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { Topics } from "../topics.js";
import { Numbering, readRequest } from "../wire.js";

/** `ws` the way its README broadcasts: `send` to each. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const numbering = new Numbering();
  const topics = /** @type {Topics<import("ws").WebSocket>} */ (new Topics());
  const http = createServer();
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket, request) => {
    socket.once("close", topics.join(readRequest(request).topics, socket));
  });
  return {
    http,
    connections: () => topics.size,
    cursor: () => numbering.cursor,
    publish(turn) {
      for (const message of turn) {
        const { json } = numbering.next(message);
        for (const socket of topics.of(message.topic)) socket.send(json);
      }
    },
  };
}
