import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { assertKey } from "../storage/keys.js";
import { leaseLost } from "../storage/lease.js";
import type { Fence, Lease, Locks } from "../storage/types.js";
import { doingInRedis } from "./redis-errors.js";
import { createScript } from "./script.js";

/**
 * How long an owner lives without a heartbeat. Shorter than on a disk, where a dead process of the same machine is seen
 * at once: here nothing else tells that a node died.
 */
const REDIS_LEASE_TTL_MS = 4_000;

export interface RedisLocksOptions {
  readonly redis: Redis;
  /** What all keys begin with, such as `{inkwire}`. */
  readonly tag: string;
  /** How long an owner lives without a heartbeat, in milliseconds. @default 4_000 */
  readonly leaseTtlMs?: number | undefined;
  /** Milliseconds to add to the time of Redis; for tests. @default 0 */
  readonly shiftMs?: (() => number) | undefined;
}

/** `name` is the full key of the lock. */
export interface RedisFence extends Fence {
  /** Its owner by a name that is not given twice, also where the lock was forgotten and its numbers begin anew. */
  readonly owner: string;
}

// A lock is a hash: `token`, the number of the newest owner; `owner`, a name that this one made for itself; `until`, by
// the clock of Redis, which is the same for all nodes. It stays after a release, so that a token is never given twice.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
`;

/** The owner who asks again did not hear the answer: its connection broke, and the call was sent once more. */
const acquireScript = createScript(`${NOW}
local lock = redis.call('HMGET', KEYS[1], 'token', 'owner', 'until')
if lock[2] == ARGV[2] then return tonumber(lock[1]) end
if lock[3] and tonumber(lock[3]) >= now then return 0 end
local token = (tonumber(lock[1]) or 0) + 1
redis.call('HSET', KEYS[1], 'token', token, 'owner', ARGV[2], 'until', now + ARGV[3])
return token
`);
const renewScript = createScript(`${NOW}
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'until', now + ARGV[3])
return 1
`);
const releaseScript = createScript(`
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('HDEL', KEYS[1], 'owner', 'until') end
`);
const heldScript = createScript(`${NOW}
local till = redis.call('HGET', KEYS[1], 'until')
return till and tonumber(till) >= now and 1 or 0
`);

/** Locks and numbers between all nodes of a Redis: each change is one script, so no two of them interleave. */
export function createRedisLocks(options: RedisLocksOptions): Locks {
  const { redis, tag, leaseTtlMs = REDIS_LEASE_TTL_MS, shiftMs = () => 0 } = options;
  const lockKey = (name: string) => `${tag}:locks:${assertKey(name)}`;

  const leaseOf = (
    lock: string,
    owner: string,
    token: number,
  ): Lease & { readonly fence: RedisFence } => ({
    token,
    fence: { place: redis, name: lock, token, owner },
    async renew() {
      const isOurs = await doingInRedis("renew a lock", () =>
        renewScript(redis, [lock], [shiftMs(), owner, leaseTtlMs]),
      );
      if (isOurs !== 1) throw leaseLost();
    },
    async verify() {
      const current = await doingInRedis("check a lock", () => redis.hget(lock, "owner"));
      if (current !== owner) throw leaseLost();
    },
    async release() {
      await doingInRedis("release a lock", () => releaseScript(redis, [lock], [owner]));
    },
  });

  return {
    leaseTtlMs,
    async acquire(name) {
      const lock = lockKey(name);
      const owner = randomUUID();
      const token = await doingInRedis("take a lock", () =>
        acquireScript(redis, [lock], [shiftMs(), owner, leaseTtlMs]),
      );
      return typeof token === "number" && token > 0 ? leaseOf(lock, owner, token) : undefined;
    },
    async isHeld(name) {
      const lock = lockKey(name);
      const held = await doingInRedis("look at a lock", () =>
        heldScript(redis, [lock], [shiftMs()]),
      );
      return held === 1;
    },
    async forget(name) {
      const lock = lockKey(name);
      await doingInRedis("forget a lock", () => redis.unlink(lock));
    },
    async nextNumber(sequence) {
      const key = `${tag}:sequences:${assertKey(sequence)}`;
      return doingInRedis("take a number", () => redis.incr(key));
    },
  };
}
