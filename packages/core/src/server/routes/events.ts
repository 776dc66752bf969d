import * as v from "valibot";
import { readToken } from "../../auth/token-sources.js";
import { encodeSse, isInkwireError } from "../../protocol/index.js";
import type { Gateway } from "../../transports/types.js";
import { defineRoute, type Answer, type Route } from "../route.js";
import { time } from "../schemas/common.js";
import { refusal } from "./fallbacks.js";

/** The route of upgrades, which come here only where they are none. */
export const WEBSOCKET = "websocket";

/** A client that can't send a header is a native EventSource, for which any status but 200 is the end. */
function isNative(request: Request): boolean {
  return (
    readToken(request, { query: false }) === undefined &&
    readToken(request, { query: true }) !== undefined
  );
}

function comeBack(retryMs: number): Answer {
  const retry = Math.ceil(retryMs);
  const message = {
    type: "wire.goodbye",
    time: new Date().toISOString(),
    data: { reason: "drain", reconnect: true, reconnect_ms: retry },
  };
  return {
    status: 200,
    body: encodeSse({ retry, event: message.type, data: JSON.stringify(message) }),
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  };
}

/** Written once, or several times. */
const repeatable = v.union([v.string(), v.array(v.string())]);

/** The stream over SSE. The one over WebSocket is an upgrade, and not answered here. */
export function eventRoutes(gateway: Pick<Gateway, "events" | "refresh">): readonly Route[] {
  const events = defineRoute({
    id: "events",
    method: "GET",
    path: "/events",
    summary: "Everything that is yours, live, as server-sent events",
    // Who it is, the gateway finds out: also from ?token=, which counts nowhere else.
    access: "open",
    bucket: "connect",
    query: v.object({
      topics: v.optional(v.pipe(repeatable, v.description("More topics, such as book/7,book/8"))),
      last_event_id: v.optional(
        v.pipe(repeatable, v.description("The cursor, for who can't send Last-Event-ID")),
      ),
      token: v.optional(
        v.pipe(
          repeatable,
          v.description("The token, for a native EventSource, which can't send a header"),
        ),
      ),
    }),
    headers: { "Last-Event-ID": "The cursor: what came after it is replayed" },
    answers: {
      200: { description: "The stream: see docs/protocol.md", media: ["text/event-stream"] },
    },
    refusals: ["token_missing", "topic_forbidden", "too_many_connections", "draining"],
    answerRefusal: (error, request) =>
      isInkwireError(error, "rate_limited") && isNative(request)
        ? comeBack(error.retryAfterMs ?? 1_000)
        : undefined,
    handle: ({ request, node, commonHeaders }) => gateway.events(request, node, commonHeaders),
  });

  const refresh = defineRoute({
    id: "refreshToken",
    method: "POST",
    path: "/events/:id/token",
    summary: "Gives your open connection the token that this request brings",
    access: "user",
    bucket: "write",
    params: v.object({ id: v.pipe(v.string(), v.maxLength(64)) }),
    answers: {
      200: { description: "When it ends now", schema: v.object({ expires_at: time }) },
    },
    refusals: ["not_found"],
    async handle({ request, params: { id } }) {
      const { expiresAt } = await gateway.refresh(id, readToken(request, { query: false }));
      return { status: 200, json: { expires_at: new Date(expiresAt).toISOString() } };
    },
  });

  const websocket = defineRoute({
    id: WEBSOCKET,
    method: "GET",
    path: "/ws",
    summary: "The same over WebSocket",
    access: "open",
    bucket: "connect",
    query: v.unknown(),
    headers: {
      "Sec-WebSocket-Protocol":
        "inkwire.v1, and inkwire.token.<jwt> for who can send the token in no other way",
    },
    answers: {
      101: { description: "The stream: see docs/protocol.md" },
      426: { description: "This is no upgrade, or a proxy in between did not pass it on" },
    },
    handle: async ({ requestId }) =>
      refusal(
        requestId,
        426,
        "Upgrade Required",
        "Expected a WebSocket upgrade; if this is one, a proxy in between does not pass it on.",
        { upgrade: "websocket", connection: "Upgrade" },
      ),
  });

  return [events, refresh, websocket];
}
