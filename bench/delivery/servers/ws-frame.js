import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { readRequest, textFrame } from "../wire.js";
import { ReadyMade } from "./ready-made.js";

/** `ws` for the upgrade, then a frame that is built once and written to each socket. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const hub = new ReadyMade(textFrame);
  const http = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, () => hub.add(socket, readRequest(request)));
  });
  return { http, connections: hub.connections, cursor: hub.cursor, publish: hub.publish };
}
