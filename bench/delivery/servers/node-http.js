import { createServer } from "node:http";
import { Past, Topics } from "../topics.js";
import { Numbering, readRequest, SSE_HEADERS, sseText } from "../wire.js";

/** What most handwritten servers do, done well: one buffer an event, `res.write` to each. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const numbering = new Numbering();
  const topics = /** @type {Topics<import("node:http").ServerResponse>} */ (new Topics());
  const past = /** @type {Past<Buffer>} */ (new Past());
  const http = createServer((request, response) => {
    response.writeHead(200, SSE_HEADERS);
    response.flushHeaders();
    const asked = readRequest(request);
    const missed = past.after(asked.after);
    if (missed.length > 0) response.write(Buffer.concat(missed));
    response.once("close", topics.join(asked.topics, response));
  });
  return {
    http,
    connections: () => topics.size,
    cursor: () => numbering.cursor,
    publish(turn) {
      for (const message of turn) {
        const numbered = numbering.next(message);
        const buffer = Buffer.from(sseText(numbered));
        past.keep(message.topic, numbered.id, buffer);
        for (const response of topics.of(message.topic)) response.write(buffer);
      }
    },
  };
}
