import { InkwireError, type ErrorCode } from "@inkwire/core/protocol";
import { createParser } from "eventsource-parser";
import { fetchAuthorized } from "../authorized.js";
import { trouble } from "../trouble.js";
import type { Transport, WireListener, WireRequest } from "./types.js";

/** The part of a refusal's body that is read. */
const MAX_PROBLEM_LENGTH = 65_536;

/**
 * `GET /events` by fetch, which can send `Authorization` where `EventSource` can't. No redirect is followed: the token is
 * for this address alone.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const sse: Transport = {
  name: "sse",
  open(request, listener) {
    const stop = new AbortController();
    run(request, listener, stop.signal).catch((thrown: unknown) => {
      if (stop.signal.aborted) return;
      stop.abort();
      listener.end(
        thrown instanceof InkwireError
          ? thrown
          : trouble("connection_lost", "The stream broke off", thrown),
      );
    });
    return {
      close: () => stop.abort(),
      async refresh(token, connectionId) {
        const url = new URL(`events/${encodeURIComponent(connectionId)}/token`, request.base);
        return (await fetchAuthorized(request, url, token, { method: "POST", redirect: "manual" }))
          .ok;
      },
    };
  },
};

async function run(
  request: WireRequest,
  { alive, text }: WireListener,
  signal: AbortSignal,
): Promise<never> {
  const { base, token, topics, cursor, fetch, maxMessageLength: maxBufferSize } = request;
  const url = new URL("events", base);
  if (topics.length > 0) url.searchParams.set("topics", topics.join());
  const response = await fetchAuthorized(request, url, token, {
    headers: {
      accept: "text/event-stream",
      ...(cursor !== undefined && { "last-event-id": cursor }),
    },
    signal,
    cache: "no-store",
    redirect: "manual",
  }).catch(async (error: unknown) => {
    // A browser does not tell a refusal by CORS from an absent server; a request that may read nothing does.
    const page = globalThis.location?.origin;
    if (page !== undefined && page !== base.origin) {
      const isThere = await fetch(url, { mode: "no-cors", signal }).catch(() => undefined);
      if (isThere !== undefined)
        throw trouble("cors_refused", `${base.origin} does not let ${page} read it`, error);
    }
    throw error;
  });
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== 200 || !/^text\/event-stream\b/i.test(type)) {
    throw await refusal(response, type, request.now());
  }
  alive();
  let overflow: Error | undefined;
  const parser = createParser({
    onEvent: ({ data }) => text(data),
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") overflow = error;
    },
    maxBufferSize,
  });
  await read(response, (chunk) => {
    alive();
    parser.feed(chunk);
    if (overflow !== undefined) throw trouble("too_large", overflow.message);
  });
  throw trouble("connection_lost", "The stream ended");
}

/** What an answer means that is no stream. */
async function refusal(response: Response, type: string, now: number): Promise<InkwireError> {
  const { status, headers } = response;
  // The standard's way to say "do not come back".
  if (status === 204) return new InkwireError("closed", "The server answered 204");
  let code: ErrorCode =
    status < 300 ? "not_a_stream" : status < 400 ? "redirected" : "server_failed";
  if (response.type === "opaqueredirect") code = "redirected";
  if (status === 401) code = "token_invalid";
  if (status === 403) code = "topic_forbidden";
  if (/problem\+json/.test(type)) {
    let body = "";
    try {
      await read(response, (chunk) => {
        if ((body += chunk).length > MAX_PROBLEM_LENGTH) throw new Error();
      });
      const named = (JSON.parse(body) as { readonly code?: unknown }).code;
      if (typeof named === "string") code = named as ErrorCode;
    } catch {
      // The status says enough.
    }
  } else void response.body?.cancel();
  const after = headers.get("retry-after");
  const waitMs = after === null ? undefined : Number(after) * 1000 || Date.parse(after) - now;
  return new InkwireError(code, `Expected text/event-stream, got ${status} ${type}`, {
    retryable: ![400, 403, 413].includes(status),
    retryAfterMs: waitMs !== undefined && waitMs > 0 ? waitMs : undefined,
  });
}

async function read({ body }: Response, onText: (text: string) => void): Promise<void> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (chunk?.value === undefined) return;
      onText(decoder.decode(chunk.value, { stream: true }));
    }
  } finally {
    // After an error of our own the rest would be downloaded.
    reader?.cancel().catch(() => undefined);
  }
}
