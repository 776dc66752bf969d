import { InkwireError } from "../protocol/index.js";

/** What is counted apart: opening connections, changing something, reading. */
export type RateBucket = "connect" | "write" | "read";

/** A bucket that holds `burst` and gets `perMinute` back. */
export interface Rate {
  readonly perMinute: number;
  readonly burst: number;
}

/**
 * Counts calls. The one that comes with inkwire counts in this process; one that counts for several servers, such as in
 * Redis, has the same shape.
 */
export interface RateLimiter {
  /**
   * Takes one out of the bucket of `key`. Gives back 0 when it had one, else how many milliseconds to wait for it.
   *
   * @param key - whose bucket: `user:<id>` or `address:<address>`, and what is counted.
   */
  take(key: string, rate: Rate): number | Promise<number>;
}

/** The rates of each bucket; `null` counts nothing. */
export type Rates = Readonly<Record<RateBucket, Rate | null>>;

export interface RateLimits {
  /** By who the token says it is. */
  readonly perUser?: Partial<Rates> | undefined;
  /** By address, before the token is looked at: many users may share one. */
  readonly perAddress?: Partial<Rates> | undefined;
}

export const RATE_DEFAULTS = {
  perUser: {
    connect: { perMinute: 60, burst: 40 },
    write: { perMinute: 60, burst: 30 },
    read: { perMinute: 600, burst: 200 },
  },
  perAddress: {
    connect: { perMinute: 1_200, burst: 600 },
    write: { perMinute: 600, burst: 300 },
    read: { perMinute: 3_000, burst: 1_000 },
  },
} as const satisfies Record<string, Rates>;

export interface ResolvedRates {
  readonly perUser: Rates;
  readonly perAddress: Rates;
}

/** @throws InkwireError `invalid_option` */
export function resolveRates(limits: RateLimits = {}): ResolvedRates {
  const resolved = {
    perUser: { ...RATE_DEFAULTS.perUser, ...limits.perUser },
    perAddress: { ...RATE_DEFAULTS.perAddress, ...limits.perAddress },
  };
  for (const [of, rates] of Object.entries(resolved)) {
    for (const [bucket, rate] of Object.entries(rates)) {
      if (rate === null || (rate.perMinute > 0 && rate.burst >= 1 && rate.burst < Infinity))
        continue;
      throw new InkwireError(
        "invalid_option",
        `Expected rateLimits.${of}.${bucket} to be null or have perMinute > 0 and burst >= 1`,
      );
    }
  }
  return resolved;
}

/** How many buckets are remembered. */
const MAX_KEYS = 100_000;

/**
 * Token buckets in memory, each as one number: the moment when it will be full again (the generic cell rate algorithm,
 * ITU-T I.371). A key that nobody remembers is a full bucket.
 *
 * @param now - in milliseconds.
 */
export function createRateLimiter(now: () => number, maxKeys = MAX_KEYS): RateLimiter {
  const fullAt = new Map<string, number>();

  const makeRoom = (nowMs: number): void => {
    for (const [key, at] of fullAt) if (at <= nowMs) fullAt.delete(key);
    // All are in use: who came first goes, since refusing those who come would let a flood lock everybody out.
    for (const key of fullAt.keys()) {
      if (fullAt.size < maxKeys) return;
      fullAt.delete(key);
    }
  };

  return {
    take(key, { perMinute, burst }) {
      const nowMs = now();
      const intervalMs = 60_000 / perMinute;
      const from = Math.max(nowMs, fullAt.get(key) ?? nowMs);
      const waitMs = from - nowMs - (burst - 1) * intervalMs;
      if (waitMs > 0) return Math.ceil(waitMs);
      if (fullAt.size >= maxKeys && !fullAt.has(key)) makeRoom(nowMs);
      fullAt.set(key, from + intervalMs);
      return 0;
    },
  };
}

/** @throws InkwireError `rate_limited` with the time to wait. */
export async function takeFrom(
  limiter: RateLimiter,
  rates: Rates,
  bucket: RateBucket,
  whose: string,
): Promise<void> {
  const rate = rates[bucket];
  if (rate === null) return;
  const waitMs = await limiter.take(`${whose} ${bucket}`, rate);
  if (waitMs <= 0) return;
  throw new InkwireError("rate_limited", "Too many requests.", {
    retryable: true,
    retryAfterMs: waitMs,
  });
}
