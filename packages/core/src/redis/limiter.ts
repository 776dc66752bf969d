import { hash } from "node:crypto";
import type { Redis } from "ioredis";
import { InkwireError } from "../protocol/index.js";
import type { RateLimiter } from "../server/rate-limits.js";
import { createScript } from "./script.js";
import { tagOf } from "./tag.js";
import { within } from "./within.js";

export interface RedisLimiterOptions {
  readonly redis: Redis;
  /** What the keys begin with; nodes that count together have the same. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** Counts while Redis is away, and for as long as it is slow: see `createRateLimiter`. */
  readonly fallback: RateLimiter;
  /** Told once each time that Redis can't count, and it is counted in this process alone. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** How long a call waits for Redis, in milliseconds. @default 250 */
  readonly patienceMs?: number | undefined;
  /** How long Redis is left alone after it did not answer, in milliseconds. @default 1_000 */
  readonly restMs?: number | undefined;
  /** Milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
}

// The generic cell rate algorithm, as in the limiter in memory: one number, when the bucket will be full again, here in
// microseconds of Redis' own clock, so that clocks of nodes don't matter. A key that is gone is a full bucket.
const takeScript = createScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local from = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
local wait = from - now - (burst - 1) * interval
if wait > 0 then return math.ceil(wait / 1000) end
local full = from + interval
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.max(1, math.ceil((full - now) / 1000)))
return 0
`);

/**
 * Counts calls for all nodes of a Redis, each bucket at `<tag>:rate:<whose>`; it is there for as long as it is not full.
 *
 * Where Redis does not answer it fails open: this process counts for itself, which lets a client have at most its rate at
 * each node. A limiter that refused then would turn a Redis that is away into a server that is.
 *
 * @throws InkwireError `invalid_option`
 */
export function createRedisLimiter(options: RedisLimiterOptions): RateLimiter {
  const { redis, fallback, onProblem = () => {}, now = Date.now } = options;
  const { patienceMs = 250, restMs = 1_000 } = options;
  const tag = tagOf(options.prefix);
  let restUntil = 0;
  let isTold = false;

  const failed = (cause: unknown): void => {
    restUntil = now() + restMs;
    if (isTold) return;
    isTold = true;
    onProblem(
      new InkwireError("storage_failed", "Redis can't count rates: each node counts its own.", {
        retryable: true,
        cause,
      }),
    );
  };

  const tooSlow = (): Error => new Error(`Redis took more than ${patienceMs} ms.`);

  return {
    async take(key, rate) {
      if (now() < restUntil) return fallback.take(key, rate);
      if (redis.status !== "ready") {
        failed(new Error(`The connection is ${redis.status}.`));
        return fallback.take(key, rate);
      }
      const intervalUs = 60_000_000 / rate.perMinute;
      const answer = takeScript(redis, [`${tag}:rate:${nameOf(key)}`], [intervalUs, rate.burst]);
      try {
        const waitMs = Number(await within(patienceMs, () => answer, tooSlow));
        isTold = false;
        return waitMs;
      } catch (error) {
        failed(error);
        return fallback.take(key, rate);
      }
    },
  };
}

/** Names are of users and addresses, and may be long or hold anything. */
function nameOf(key: string): string {
  return /^[\w.:@/ -]{1,100}$/.test(key) ? key : `#${hash("sha256", key, "base64url")}`;
}
