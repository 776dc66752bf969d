import { InkwireError, isInkwireError } from "../protocol/index.js";
import type { RetryOptions } from "./types.js";

export interface BackoffOptions {
  readonly baseMs: number;
  readonly capMs: number;
}

export interface ResolvedRetry extends BackoffOptions {
  readonly maxAttempts: number;
}

export const RETRY_DEFAULTS: ResolvedRetry = { maxAttempts: 5, baseMs: 1_000, capMs: 60_000 };

/** The longest wait that the other side can ask of us. One that asks for an hour gets asked again sooner. */
export const MAX_RETRY_AFTER_MS = 15 * 60_000;

/**
 * Milliseconds to wait after the failed attempt `attempt` (1-based): full jitter, uniform in
 * `[0, min(capMs, baseMs * 2 ** (attempt - 1)))`.
 *
 * @param random - gives a number in `[0, 1)`.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number): number {
  return Math.floor(random() * Math.min(options.capMs, options.baseMs * 2 ** (attempt - 1)));
}

/**
 * How long to wait before a failed step is tried again, or `undefined` when it is not: the error says that it lasts, or
 * the budget is spent. What the other side asked for (`Retry-After`) is the least, up to {@link MAX_RETRY_AFTER_MS}.
 *
 * @param attempt - the one that failed, 1-based.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  retry: ResolvedRetry,
  random: () => number,
): number | undefined {
  if (!isInkwireError(error) || !error.retryable || attempt >= retry.maxAttempts) return undefined;
  return Math.max(
    backoffMs(attempt, retry, random),
    Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS),
  );
}

/** Checks and fills the options of a step. @throws InkwireError `invalid_option`. */
export function resolveRetry(options: RetryOptions = {}): ResolvedRetry {
  const maxAttempts = options.maxAttempts ?? RETRY_DEFAULTS.maxAttempts;
  const baseMs = options.baseMs ?? RETRY_DEFAULTS.baseMs;
  const capMs = options.capMs ?? RETRY_DEFAULTS.capMs;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected retry.maxAttempts to be an integer >= 1, got ${maxAttempts}`,
    );
  }
  if (!(baseMs >= 0 && Number.isFinite(capMs) && capMs >= baseMs)) {
    throw new InkwireError(
      "invalid_option",
      `Expected 0 <= retry.baseMs <= retry.capMs in milliseconds, got ${baseMs} and ${capMs}`,
    );
  }
  return { maxAttempts, baseMs, capMs };
}
