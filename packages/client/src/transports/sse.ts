import { InkwireError } from "@inkwire/core/protocol";
import { createParser } from "eventsource-parser";
import { refused } from "./refused.js";
import type { Transport, WireRequest } from "./types.js";

/** The part of a refusal's body that is read. */
const MAX_PROBLEM_LENGTH = 65_536;

/**
 * `GET /events` by fetch, which can send `Authorization` where `EventSource` can't.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export const sse: Transport = {
  name: "sse",
  open(request, { alive, text, end }) {
    const stop = new AbortController();
    const run = async (): Promise<void> => {
      const response = await get(request, stop.signal);
      alive();
      let failed: Error | undefined;
      const parser = createParser({
        onEvent: (event) => {
          if (failed === undefined) text(event.data);
        },
        onError: (error) => {
          if (error.type === "max-buffer-size-exceeded") failed = error;
        },
        maxBufferSize: request.maxMessageLength,
      });
      await read(response, (chunk) => {
        alive();
        parser.feed(chunk);
        if (failed !== undefined)
          throw new InkwireError("too_large", failed.message, { retryable: true });
      });
      throw new InkwireError("connection_lost", "The stream ended without a goodbye", {
        retryable: true,
      });
    };
    run().catch((error: unknown) => {
      if (stop.signal.aborted) return;
      stop.abort();
      end(
        error instanceof InkwireError
          ? error
          : new InkwireError("connection_lost", "The stream broke off", {
              retryable: true,
              cause: error,
            }),
      );
    });
    return { close: () => stop.abort() };
  },
};

async function get(request: WireRequest, signal: AbortSignal): Promise<Response> {
  // Called as a plain function: a browser's fetch refuses to be a method of something else.
  const { base, token, topics, cursor, fetch } = request;
  const url = new URL("events", base);
  if (topics.length > 0) url.searchParams.set("topics", topics.join());
  const headers: Record<string, string> = {
    accept: "text/event-stream",
    authorization: `Bearer ${token}`,
  };
  if (cursor !== undefined) headers["last-event-id"] = cursor;
  let response: Response;
  try {
    // A redirect is never followed: the token belongs to this address alone.
    response = await fetch(url, { headers, signal, cache: "no-store", redirect: "manual" });
  } catch (cause) {
    throw new InkwireError(...(await unreachable(request, url, signal)), {
      retryable: true,
      cause,
    });
  }
  const type = response.headers.get("content-type") ?? "no type";
  if (response.status === 200 && /^text\/event-stream\b/i.test(type)) return response;
  throw await failure(response, type, request.now());
}

/** A browser does not tell a refusal by CORS from an absent server; a request that may read nothing does. */
async function unreachable(
  { fetch, base }: WireRequest,
  url: URL,
  signal: AbortSignal,
): Promise<["cors_refused" | "server_unreachable", string]> {
  const page = globalThis.location?.origin;
  if (page !== undefined && page !== base.origin) {
    try {
      await fetch(url, { mode: "no-cors", cache: "no-store", signal });
      return ["cors_refused", `${base.origin} does not let ${page} read it`];
    } catch {
      // Then nothing is there.
    }
  }
  return ["server_unreachable", `Nothing answers at ${base.origin}`];
}

async function failure(response: Response, type: string, now: number): Promise<InkwireError> {
  const { status, headers } = response;
  if (response.type === "opaqueredirect" || (status > 300 && status < 400)) {
    return new InkwireError(
      "redirected",
      `Redirected to ${headers.get("location") ?? "somewhere"}`,
      { retryable: true },
    );
  }
  let code: unknown;
  if (/json/.test(type)) {
    let body = "";
    try {
      await read(response, (chunk) => {
        if ((body += chunk).length > MAX_PROBLEM_LENGTH) throw new Error("too long");
      });
      ({ code } = JSON.parse(body) as { readonly code?: unknown });
    } catch {
      // Its status says enough.
    }
  }
  if (status === 200)
    return new InkwireError("not_a_stream", `Expected text/event-stream, got ${type}`, {
      retryable: true,
    });
  // The standard's way to say "do not come back".
  if (status === 204)
    return new InkwireError("closed", "The server has nothing for this client (204)");
  const after = headers.get("retry-after");
  const error = refused("status", status, code, waitMs(after, now));
  // A 404 that does not speak the protocol is of something in between, such as a proxy during a deploy.
  return error !== undefined && status !== 404 && status !== 409
    ? error
    : new InkwireError("server_failed", `Status ${status}`, {
        retryable: true,
        retryAfterMs: waitMs(after, now),
      });
}

/** `Retry-After`: seconds, or a date. */
function waitMs(value: string | null, now: number): number | undefined {
  const ms =
    value === null
      ? Number.NaN
      : /^\d+$/.test(value)
        ? Number(value) * 1000
        : Date.parse(value) - now;
  return ms >= 0 ? ms : undefined;
}

async function read(response: Response, onText: (text: string) => void): Promise<void> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (chunk?.value === undefined) return;
      onText(decoder.decode(chunk.value, { stream: true }));
    }
  } finally {
    // Also after an error of our own: else the rest would be downloaded.
    reader?.cancel().catch(() => undefined);
  }
}
