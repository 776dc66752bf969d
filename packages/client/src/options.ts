import { InkwireError, isTopic, type Topic } from "@inkwire/core/protocol";
import { pageLifecycle, systemClock } from "./connection/lifecycle.js";
import { createMemory } from "./memory.js";
import type { ClientOptions } from "./types.js";

/** Every default of a client. */
const DEFAULTS = {
  helloTimeoutMs: 8_000,
  tokenTimeoutMs: 10_000,
  maxMessageLength: 1_048_576,
  baseMs: 1_000,
  capMs: 30_000,
} as const;

export type ResolvedOptions = ReturnType<typeof resolveClientOptions>;

/** @throws InkwireError `invalid_option` */
export function resolveClientOptions(options: ClientOptions) {
  const { url, token, topics = [], storage, backoff, ...rest } = options;
  if (typeof token !== "string" && typeof token !== "function") {
    throw invalid("token to be text or a function", token);
  }
  checkTopics(topics);
  const base = baseUrl(url);
  const numbers = { ...DEFAULTS, ...defined(rest), ...defined(backoff) };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    if (!(numbers[name] > 0)) throw invalid(`${name} to be a number above 0`, numbers[name]);
  }
  const { fetch, WebSocket } = globalThis;
  return {
    fetch,
    WebSocket,
    onProblem: report,
    clock: systemClock,
    random: Math.random,
    lifecycle: pageLifecycle,
    ...numbers,
    backoff: numbers,
    base,
    token,
    topics,
    memory: createMemory(storage, `inkwire ${base.href} `),
  };
}

/** Without what is `undefined`, which means the default. */
function defined<T extends object>(values: T | undefined): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(values ?? {}).filter(([, value]) => value !== undefined),
  ) as never;
}

/** @throws InkwireError `invalid_option`: a topic with a comma would be two on the wire. */
export function checkTopics(topics: readonly Topic[]): void {
  const bad = topics.find((topic) => !isTopic(topic));
  if (bad !== undefined) throw invalid("a topic such as book/7", bad);
}

function baseUrl(url: string | URL): URL {
  try {
    const base = new URL(url, globalThis.location?.href);
    base.search = base.hash = "";
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    if (/^https?:$/.test(base.protocol)) return base;
  } catch {
    // Then it is no address at all.
  }
  throw invalid("url to be an http(s) address", url);
}

export function invalid(expected: string, got: unknown): InkwireError {
  return new InkwireError("invalid_option", `Expected ${expected}, got ${String(got)}`);
}

/**
 * In a page, where the exception of an event listener would go, for whoever collects those. Not elsewhere: in Deno and Bun
 * `reportError` ends the process, and that for something that was survived.
 */
function report(error: InkwireError): void {
  const { document, reportError } = globalThis;
  if (document !== undefined && reportError !== undefined) reportError(error);
  // oxlint-disable-next-line no-console -- the last resort
  else console.error(error);
}
