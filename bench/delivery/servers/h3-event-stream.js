import { createServer } from "node:http";
import { createEventStream, H3, toNodeHandler } from "h3";
import { Past, Topics } from "../topics.js";
import { Numbering } from "../wire.js";

/** h3's own event stream on its Node adapter. It has no topics and no history: the harness's own. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const numbering = new Numbering();
  const topics = /** @type {Topics<import("h3").EventStream>} */ (new Topics());
  const past = /** @type {Past<{ id: string, event: string, data: string }>} */ (new Past());
  const app = new H3().get("/events", (event) => {
    const stream = createEventStream(event);
    // Its head leaves with the first bytes; without any, a client would wait for the first event.
    void stream.pushComment("hello");
    const missed = past.after(event.req.headers.get("last-event-id") ?? undefined);
    if (missed.length > 0) void stream.push(missed);
    const user = event.url.searchParams.get("user");
    stream.onClosed(topics.join(["all", `user/${user}`], stream));
    return stream;
  });
  return {
    http: createServer(toNodeHandler(app)),
    connections: () => topics.size,
    cursor: () => numbering.cursor,
    async publish(turn) {
      for (const message of turn) {
        const { id, type, json } = numbering.next(message);
        const entry = { id, event: type, data: json };
        past.keep(message.topic, id, entry);
        await Promise.all(Array.from(topics.of(message.topic), (stream) => stream.push(entry)));
      }
    },
  };
}
