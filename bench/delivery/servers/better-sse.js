import { createServer } from "node:http";
import { createChannel, createEventBuffer, createSession } from "better-sse";
import { Past, Topics } from "../topics.js";
import { Numbering, readRequest } from "../wire.js";

/** Its channel for all, its sessions for one user. It has no history: the harness's own is replayed by its `batch`. @returns {import("../wire.js").Peer} */
export function createPeer() {
  const numbering = new Numbering();
  const channel = createChannel();
  const topics = /** @type {Topics<import("better-sse").Session>} */ (new Topics());
  const past = /** @type {Past<{ data: unknown, type: string, id: string }>} */ (new Past());
  const serve = async (
    /** @type {import("node:http").IncomingMessage} */ request,
    /** @type {import("node:http").ServerResponse} */ response,
  ) => {
    const asked = readRequest(request);
    const session = await createSession(request, response, { serializer: String, keepAlive: null });
    const missed = past.after(asked.after);
    if (missed.length > 0) {
      const buffer = createEventBuffer({ serializer: String });
      for (const { data, type, id } of missed) buffer.push(data, type, id);
      await session.batch(buffer);
    }
    channel.register(session);
    session.once("disconnected", topics.join(asked.topics, session));
  };
  const http = createServer((request, response) => void serve(request, response));
  return {
    http,
    connections: () => channel.sessionCount,
    cursor: () => numbering.cursor,
    publish(turn) {
      for (const message of turn) {
        const { id, type, json } = numbering.next(message);
        past.keep(message.topic, id, { data: json, type, id });
        if (message.topic === "all") channel.broadcast(json, type, { eventId: id });
        else for (const session of topics.of(message.topic)) session.push(json, type, id);
      }
    },
  };
}
