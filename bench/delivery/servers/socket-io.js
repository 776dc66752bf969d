import { createServer } from "node:http";
import { Server } from "socket.io";
import { readRequest } from "../wire.js";

/** One room a user; it numbers nothing and keeps no past, so it is not in the storm. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const http = createServer();
  const io = new Server(http, {
    transports: ["websocket"],
    serveClient: false,
    // The swarm answers no pings; no run is as long as this.
    pingInterval: 300_000,
  });
  io.on("connection", (socket) => {
    void socket.join(readRequest(socket.request).topics);
  });
  return {
    http,
    connections: () => io.of("/").sockets.size,
    cursor: () => "",
    publish(turn) {
      for (const { topic, type, data } of turn) io.to(topic).emit(type, data);
    },
  };
}
