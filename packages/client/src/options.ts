import { InkwireError, isTopic, type Topic } from "@inkwire/core/protocol";
import { pageLifecycle, systemClock } from "./connection/lifecycle.js";
import { createMemory, type Memory } from "./memory.js";
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
  const { url, token, topics = [], backoff, clock = systemClock } = options;
  /** A number of its name, or the default. */
  const number = (name: keyof typeof DEFAULTS, value: number | undefined): number => {
    const given = value ?? DEFAULTS[name];
    if (!(given > 0)) throw invalid(`${name} to be a number above 0`, given);
    return given;
  };
  if (typeof token !== "string" && typeof token !== "function") {
    throw invalid("token to be text or a function", typeof token);
  }
  checkTopics(topics);
  const base = baseUrl(url);
  return {
    base,
    token,
    topics,
    helloTimeoutMs: number("helloTimeoutMs", options.helloTimeoutMs),
    tokenTimeoutMs: number("tokenTimeoutMs", options.tokenTimeoutMs),
    maxMessageLength: number("maxMessageLength", options.maxMessageLength),
    backoff: { baseMs: number("baseMs", backoff?.baseMs), capMs: number("capMs", backoff?.capMs) },
    memory: createMemory(options.storage, `inkwire ${base.href} `) satisfies Memory,
    onProblem: options.onProblem ?? report,
    fetch: options.fetch ?? globalThis.fetch,
    WebSocket: options.WebSocket ?? globalThis.WebSocket,
    clock,
    random: options.random ?? Math.random,
    lifecycle: options.lifecycle ?? pageLifecycle,
  };
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

/** Where the exception of an event listener would go. */
function report(error: InkwireError): void {
  // oxlint-disable-next-line no-console -- the last resort of a runtime without `reportError`, such as Node
  (globalThis.reportError ?? console.error)(error);
}
