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
  /** By address, before the token is looked at: a whole house may share one. */
  readonly perAddress?: Partial<Rates> | undefined;
  /**
   * How many requests of an address may come without a token that is accepted, in all buckets together and counted by each
   * server alone. Beyond it no token of that address is looked at. `null`: any number.
   */
  readonly refused?: Rate | null | undefined;
}

export const RATE_DEFAULTS = {
  perUser: {
    connect: { perMinute: 60, burst: 40 },
    write: { perMinute: 60, burst: 30 },
    read: { perMinute: 600, burst: 200 },
  },
  // For a crowd behind one address that comes back all at once: each of them has a limit of their own.
  perAddress: {
    connect: { perMinute: 6_000, burst: 5_000 },
    write: { perMinute: 3_000, burst: 2_000 },
    read: { perMinute: 12_000, burst: 10_000 },
  },
  refused: { perMinute: 1_200, burst: 600 },
} as const satisfies { perUser: Rates; perAddress: Rates; refused: Rate };

export interface ResolvedRates {
  readonly perUser: Rates;
  readonly perAddress: Rates;
  readonly refused: Rate | null;
}

/** @throws InkwireError `invalid_option` */
export function resolveRates(limits: RateLimits = {}): ResolvedRates {
  const resolved = {
    perUser: { ...RATE_DEFAULTS.perUser, ...limits.perUser },
    perAddress: { ...RATE_DEFAULTS.perAddress, ...limits.perAddress },
    refused: limits.refused === undefined ? RATE_DEFAULTS.refused : limits.refused,
  };
  const { perUser, perAddress, refused } = resolved;
  for (const [of, rates] of Object.entries({ perUser, perAddress })) {
    for (const [bucket, rate] of Object.entries(rates)) checkRate(`${of}.${bucket}`, rate);
  }
  checkRate("refused", refused);
  return resolved;
}

function checkRate(name: string, rate: Rate | null): void {
  if (rate === null || (rate.perMinute > 0 && rate.burst >= 1 && rate.burst < Infinity)) return;
  throw new InkwireError(
    "invalid_option",
    `Expected rateLimits.${name} to be null or have perMinute > 0 and burst >= 1`,
  );
}

/** How many buckets are remembered. */
const MAX_KEYS = 100_000;

/** A limiter that can be asked at once, also without taking anything. */
export interface LocalRateLimiter extends RateLimiter {
  take(key: string, rate: Rate): number;
  /** What {@link take} would give back. */
  look(key: string, rate: Rate): number;
}

/**
 * Token buckets in memory, each as one number: the moment when it will be full again (the generic cell rate algorithm,
 * ITU-T I.371). A key that nobody remembers is a full bucket.
 *
 * @param now - in milliseconds.
 */
export function createRateLimiter(now: () => number, maxKeys = MAX_KEYS): LocalRateLimiter {
  const fullAt = new Map<string, number>();

  const makeRoom = (nowMs: number): void => {
    for (const [key, at] of fullAt) if (at <= nowMs) fullAt.delete(key);
    // All are in use: who came first goes, since refusing those who come would let a flood lock everybody out.
    for (const key of fullAt.keys()) {
      if (fullAt.size < maxKeys) return;
      fullAt.delete(key);
    }
  };

  const waitFor = (key: string, { perMinute, burst }: Rate, nowMs: number) => {
    const intervalMs = 60_000 / perMinute;
    const from = Math.max(nowMs, fullAt.get(key) ?? nowMs);
    return { waitMs: Math.ceil(from - nowMs - (burst - 1) * intervalMs), full: from + intervalMs };
  };

  return {
    look: (key, rate) => Math.max(0, waitFor(key, rate, now()).waitMs),
    take(key, rate) {
      const nowMs = now();
      const { waitMs, full } = waitFor(key, rate, nowMs);
      if (waitMs > 0) return waitMs;
      if (fullAt.size >= maxKeys && !fullAt.has(key)) makeRoom(nowMs);
      fullAt.set(key, full);
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
  if (waitMs > 0) throw rateLimited(waitMs);
}

export function rateLimited(retryAfterMs: number): InkwireError {
  return new InkwireError("rate_limited", "Too many requests.", { retryable: true, retryAfterMs });
}
