import { systemClock, type Clock } from "../../../pipeline/clock.js";
import { parseRetryAfter } from "./retry-after.js";

/** The longest that one answer can hold all others back. Who asks for more is asked again sooner. */
const MAX_WAIT_MS = 15 * 60_000;
/** After a refusal that doesn't say for how long. */
const UNTOLD_WAIT_MS = 1_000;
/** Those who waited together do not start together. */
const SPREAD_MS = 250;

/**
 * One provider's limits, shared by all chapters and books of a process: what one answer says about them counts for every
 * request after it. So a 429 stops all, not each one at its own cost.
 */
export interface RateGate {
  /**
   * Resolves when the provider may be asked again, as far as it said.
   *
   * @param tokens - what the request will take, about: it is counted against what the provider said is left.
   * @param onWait - told each time it has to wait, with how long that is, in milliseconds.
   */
  pass(tokens: number, signal: AbortSignal, onWait?: (waitMs: number) => void): Promise<void>;
  /** Learns from an answer. */
  heard(status: number, headers: Headers): void;
}

export interface RateGateOptions {
  readonly clock?: Clock | undefined;
  /** A number in `[0, 1)`. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** What is left of a limit until it is reset. */
interface Allowance {
  left: number;
  readonly resetAt: number;
}

export function createRateGate({
  clock = systemClock,
  random = Math.random,
}: RateGateOptions = {}): RateGate {
  let closedUntil = 0;
  let requests: Allowance | undefined;
  let tokens: Allowance | undefined;

  /** When a request may go out; in the past where it may now. */
  const opensAt = (needed: number): number => {
    const now = clock.now();
    let at = closedUntil;
    if (requests !== undefined && requests.left < 1 && requests.resetAt > now) {
      at = Math.max(at, requests.resetAt);
    }
    if (tokens !== undefined && tokens.left < needed && tokens.resetAt > now) {
      at = Math.max(at, tokens.resetAt);
    }
    return at;
  };

  return {
    async pass(needed, signal, onWait) {
      for (let at = opensAt(needed); at > clock.now(); at = opensAt(needed)) {
        const waitMs = at - clock.now() + Math.floor(random() * SPREAD_MS);
        onWait?.(waitMs);
        await clock.sleep(waitMs, signal);
      }
      signal.throwIfAborted();
      if (requests !== undefined) requests.left -= 1;
      if (tokens !== undefined) tokens.left -= needed;
    },
    heard(status, headers) {
      const now = clock.now();
      if (status === 429 || status === 529) {
        const asked = parseRetryAfter(Object.fromEntries(headers), now) ?? UNTOLD_WAIT_MS;
        closedUntil = Math.max(closedUntil, now + Math.min(asked, MAX_WAIT_MS));
      }
      requests = readAllowance(headers, "requests", now) ?? requests;
      tokens = readAllowance(headers, "tokens", now) ?? tokens;
    },
  };
}

/**
 * What OpenAI and those who follow it, and Anthropic, say with each answer.
 *
 * @see https://platform.openai.com/docs/guides/rate-limits
 * @see https://docs.anthropic.com/en/api/rate-limits
 */
function readAllowance(
  headers: Headers,
  what: "requests" | "tokens",
  now: number,
): Allowance | undefined {
  for (const [left, reset] of [
    [`x-ratelimit-remaining-${what}`, `x-ratelimit-reset-${what}`],
    [`anthropic-ratelimit-${what}-remaining`, `anthropic-ratelimit-${what}-reset`],
  ] as const) {
    const count = headers.get(left)?.trim() ?? "";
    const waitMs = parseReset(headers.get(reset)?.trim() ?? "", now);
    if (/^\d{1,12}$/.test(count) && waitMs !== undefined) {
      return { left: Number(count), resetAt: now + Math.min(waitMs, MAX_WAIT_MS) };
    }
  }
  return undefined;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `6m0s`, `1.5s`, `20ms`, seconds alone, or an instant of RFC 3339; in milliseconds from now. */
function parseReset(text: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : Math.max(0, at - now);
  }
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g)) {
    sum += Number(number) * (unitMs[unit] ?? 0);
  }
  return sum;
}

/** A `fetch` whose answers the gate hears of. */
export function createHeardFetch(
  gate: Pick<RateGate, "heard">,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    gate.heard(response.status, response.headers);
    return response;
  };
}

/** The gates of a process, one for each address. */
export interface RateGates {
  of(address: string): RateGate;
}

export function createRateGates(options: RateGateOptions = {}): RateGates {
  const gates = new Map<string, RateGate>();
  return {
    of(address) {
      const gate = gates.get(address) ?? createRateGate(options);
      gates.set(address, gate);
      return gate;
    },
  };
}
