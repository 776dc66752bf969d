import type { IncomingMessage, ServerResponse } from "node:http";
import type { GenericSchema } from "valibot";
import type { Identity } from "../auth/identity.js";
import type { RefusalCode } from "../protocol/index.js";
import type { RateBucket } from "./rate-limits.js";

/** Who may call: everybody, whoever brings a good token, or only one with the scope `admin`. */
export type Access = "open" | "user" | "admin";

/** Node's own pair, where the request came through Node. */
export interface NodePair {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** A request as its runtime hands it over. */
export interface Incoming {
  readonly request: Request;
  /** What the path's placeholders stand for, as they came. */
  readonly params: Readonly<Record<string, string>>;
  /** The address of the other end of the connection, where the runtime knows it. */
  readonly peer?: string | undefined;
  readonly node?: NodePair | undefined;
}

/** A checked request. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly request: Request;
  readonly requestId: string;
  /** Who it is; nobody on an open route. */
  readonly identity: Identity | undefined;
  /** Of {@link identity}; empty on an open route. */
  readonly userId: string;
  readonly address: string;
  /** The address of the other end of the connection itself, whatever a proxy says. */
  readonly peer: string | undefined;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly node: NodePair | undefined;
  /** What every answer carries; for who answers without giving an answer back. */
  readonly commonHeaders: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; its type is in `headers`. */
  readonly body?: string | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What an answer looks like, for the API's description. */
export interface AnswerShape {
  readonly description: string;
  readonly schema?: GenericSchema | undefined;
  /** Media types of an answer that is no JSON. */
  readonly media?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** One call of the HTTP API: what it takes, what it answers, and what it does. The API's description is made of these. */
export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  /** Its name in logs, metrics and the API's description. */
  readonly id: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Placeholders as `:name`. */
  readonly path: `/${string}`;
  readonly summary: string;
  readonly access: Access;
  /** What it is counted as; `null`: not at all. */
  readonly bucket: RateBucket | null;
  readonly params?: GenericSchema<unknown, Params> | undefined;
  readonly query?: GenericSchema<unknown, Query> | undefined;
  readonly body?: GenericSchema<unknown, Body> | undefined;
  /** Request headers that count, by name, in words. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly answers: Readonly<Record<number, AnswerShape>>;
  /** Refusals beside those that any call may get. */
  readonly refusals?: readonly RefusalCode[] | undefined;
  /** Another answer than a problem, for a client that could not make anything of one. */
  readonly answerRefusal?: ((error: unknown, request: Request) => Answer | undefined) | undefined;
  /** An answer; a response as the web has it; or nothing, when Node's response was taken over. */
  handle(call: Call<Params, Query, Body>): Promise<Answer | Response | undefined>;
}

/** Only helps the types: what `handle` gets is what the schemas give. */
export function defineRoute<Params = undefined, Query = undefined, Body = undefined>(
  route: Route<Params, Query, Body>,
): Route {
  return route;
}
