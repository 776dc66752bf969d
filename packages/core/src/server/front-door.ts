import type { Identity } from "../auth/identity.js";
import { requireScope } from "../auth/identity.js";
import { redactUrl } from "../auth/token-sources.js";
import { InkwireError } from "../protocol/index.js";
import type { AddressLimits } from "./address-limits.js";
import { clientAddress } from "./client-address.js";
import type { Cors } from "./cors.js";
import { errorFields, type Logger } from "./logger.js";
import { makeProblem } from "./problem.js";
import { takeFrom, type RateLimiter, type ResolvedRates } from "./rate-limits.js";
import { readInput } from "./read-input.js";
import { readRequestId } from "./request-id.js";
import type { Answer, Incoming, Route } from "./route.js";

export interface FrontDoorDeps {
  /** Who sends this, by the token in its header. @throws as a token verifier */
  readonly identify: (request: Request) => Promise<Identity>;
  readonly cors: Cors;
  readonly addresses: AddressLimits;
  readonly limiter: RateLimiter;
  /** `null` counts nothing. */
  readonly rates: ResolvedRates | null;
  readonly trustProxy: number;
  readonly maxBodyBytes: number;
  readonly maxUrlBytes: number;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
  /** Told of each answer, for the metrics. */
  readonly onAnswer: (answer: AnsweredCall) => void;
  readonly now: () => number;
  readonly uuid: () => string;
}

export interface AnsweredCall {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
  /** It goes on as a stream, so the duration says nothing. */
  readonly isStream: boolean;
}

/**
 * What every request goes through, whatever it wants: it gets an id, is counted, identified, checked, answered, logged. What
 * is thrown on the way becomes a problem answer here and nowhere else.
 *
 * Gives back nothing when Node's response was taken over.
 */
export interface FrontDoor {
  serve(route: Route, incoming: Incoming): Promise<Response | undefined>;
  /** The answer to a browser that asks whether it may send such a request. */
  preflight(methods: readonly string[], incoming: Incoming): Response;
}

export function createFrontDoor(deps: FrontDoorDeps): FrontDoor {
  const { cors, limiter, rates, logger, now } = deps;

  const answer = async (
    route: Route,
    incoming: Incoming,
    known: Known,
    commonHeaders: Readonly<Record<string, string>>,
  ): Promise<Answer | Response | undefined> => {
    const { request } = incoming;
    if (request.url.length > deps.maxUrlBytes) {
      throw new InkwireError(
        "too_large",
        `Expected an address of at most ${deps.maxUrlBytes} bytes.`,
      );
    }
    if (route.bucket !== null) await deps.addresses.enter(known.address, route.bucket);
    const identity = route.access === "open" ? undefined : await deps.identify(request);
    known.userId = identity?.userId;
    if (rates !== null && route.bucket !== null && identity !== undefined) {
      await takeFrom(limiter, rates.perUser, route.bucket, `user:${identity.userId}`);
    }
    if (route.access === "admin" && identity !== undefined) requireScope(identity, "admin");
    if (route.bucket === "write" && deps.isDraining()) {
      throw new InkwireError("draining", "The server is about to stop.", { retryable: true });
    }
    const input = await readInput(route, incoming, deps.maxBodyBytes);
    return route.handle({
      request,
      requestId: known.requestId,
      identity,
      userId: identity?.userId ?? "",
      address: known.address,
      peer: incoming.peer,
      node: incoming.node,
      commonHeaders,
      ...input,
    });
  };

  return {
    async serve(route, incoming) {
      const { request } = incoming;
      const startedAt = now();
      const known: Known = {
        requestId: readRequestId(request.headers, deps.uuid),
        address: clientAddress(incoming.peer, request.headers, deps),
        userId: undefined,
      };
      const common = {
        "x-request-id": known.requestId,
        "x-content-type-options": "nosniff",
        ...cors.headersFor(request.headers.get("origin")),
      };
      let failure: unknown;
      let response: Response | undefined;
      try {
        const given = await answer(route, incoming, known, common);
        response = given === undefined ? undefined : toResponse(given, common);
      } catch (error) {
        failure = error;
        if (route.bucket !== null) deps.addresses.note(known.address, error);
        const instead = route.answerRefusal?.(error, request);
        const { problem, headers } = makeProblem(error, known.requestId);
        response =
          instead === undefined
            ? problemResponse(problem, { ...headers, ...common })
            : toResponse(instead, common);
      }
      const status = response?.status ?? 200;
      const durationMs = Math.max(0, now() - startedAt);
      const isStream = response === undefined || isEventStream(response);
      deps.onAnswer({ route: route.id, method: request.method, status, durationMs, isStream });
      const fields = {
        request_id: known.requestId,
        method: request.method,
        url: redactUrl(pathOf(request.url)),
        route: route.id,
        status,
        duration_ms: Math.round(durationMs),
        address: known.address,
        ...(known.userId !== undefined && { user_id: known.userId }),
      };
      if (status >= 500 && status !== 503) {
        logger.error({ ...fields, ...errorFields(failure) }, "request failed");
      } else if (failure !== undefined) {
        const { code } = failure as { code?: unknown };
        logger.info(
          { ...fields, code, ...(status === 503 && errorFields(failure)) },
          "request refused",
        );
      } else {
        // Whoever watches a server asks every few seconds.
        const level = route.bucket === null ? "debug" : "info";
        logger[level](fields, isStream ? "stream opened" : "request answered");
      }
      return response;
    },

    preflight(methods, { request }) {
      const headers = cors.preflight(request.headers.get("origin"), methods);
      return new Response(null, {
        status: 204,
        headers: { ...headers, allow: methods.join(", ") },
      });
    },
  };
}

interface Known {
  readonly requestId: string;
  readonly address: string;
  userId: string | undefined;
}

function toResponse(given: Answer | Response, common: Readonly<Record<string, string>>): Response {
  if (given instanceof Response) {
    for (const [name, value] of Object.entries(common)) given.headers.set(name, value);
    return given;
  }
  const { status, json, headers } = given;
  const body = json === undefined ? given.body : JSON.stringify(json);
  return new Response(body as ConstructorParameters<typeof Response>[0], {
    status,
    headers: {
      ...(json !== undefined && { "content-type": "application/json; charset=utf-8" }),
      // A user's state is nobody else's, and is never the same twice.
      "cache-control": "private, no-store",
      ...lengthOf(body),
      ...headers,
      ...common,
    },
  });
}

/** Whoever knows the length need not wait for the end of the connection, or of a chunk. */
function lengthOf(body: string | Uint8Array | undefined): Record<string, string> {
  return body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
}

export function problemResponse(
  problem: { readonly status: number },
  headers: Readonly<Record<string, string>>,
): Response {
  const body = JSON.stringify(problem);
  return new Response(body, {
    status: problem.status,
    headers: {
      ...lengthOf(body),
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") === true;
}

function pathOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
}
