export interface Backoff {
  /** The bound of the first wait, in milliseconds. */
  readonly baseMs: number;
  /** The bound of the longest, in milliseconds. */
  readonly capMs: number;
}

/** The longest wait that a server may ask for: a client that is told "in a year" is still there. */
export const MAX_ASKED_MS = 3_600_000;

/**
 * Milliseconds to wait after failure number `failures` in a row (1-based): full jitter, uniform in
 * `[0, min(capMs, baseMs * 2 ** (failures - 1)))`. `random` is in `[0, 1)`.
 *
 * What the server asked for (`Retry-After`, `reconnect_ms`) is a lower bound, jittered by `baseMs`: others were told the
 * same.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(
  failures: number,
  { baseMs, capMs }: Backoff,
  random: number,
  askedMs?: number,
): number {
  return askedMs === undefined
    ? random * Math.min(capMs, baseMs * 2 ** (failures - 1))
    : Math.min(MAX_ASKED_MS, askedMs) + random * baseMs;
}
