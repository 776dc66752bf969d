import { createServer } from "node:http";
import { readRequest, SSE_HEADERS, sseChunk } from "../wire.js";
import { ReadyMade } from "./ready-made.js";

/** node:http for the head, then ready-made chunks to the response's socket. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const hub = new ReadyMade(sseChunk);
  const http = createServer((request, response) => {
    response.writeHead(200, SSE_HEADERS);
    response.flushHeaders();
    if (response.socket !== null) hub.add(response.socket, readRequest(request));
  });
  return { http, connections: hub.connections, cursor: hub.cursor, publish: hub.publish };
}
