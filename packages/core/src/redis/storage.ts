import type { Redis } from "ioredis";
import { defineDriver, type Driver } from "unstorage";
import { assertKey, isKey } from "../storage/keys.js";
import { leaseLost } from "../storage/lease.js";
import type { RedisFence } from "./locks.js";
import { doingInRedis } from "./redis-errors.js";
import { createScript } from "./script.js";

export interface RedisDriverOptions {
  readonly redis: Redis;
  /** What all keys begin with, such as `{inkwire}`. */
  readonly tag: string;
}

interface Fenced {
  readonly fence?: RedisFence | undefined;
}

/** How many keys are listed in one command, so that no list keeps others waiting. */
const KEYS_AT_ONCE = 1_000;

const writeScript = createScript(`
if KEYS[3] and redis.call('HGET', KEYS[3], 'owner') ~= ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], 0, ARGV[2])
return 1
`);
const removeScript = createScript(`
redis.call('UNLINK', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
`);

/**
 * A driver for unstorage that keeps each item at `<tag>:records:<key>`, and their names, sorted, at `<tag>:records`.
 *
 * unstorage has a driver of its own for Redis, which lists keys by a SCAN of the whole database: every look at one user's
 * books would read over the history and the queue of all. Here a list costs what it gives back. It also takes no lease
 * along: with `{ fence }` as the options of `setItem`, Redis checks the owner of the lock and writes in one step, so a
 * command that was held up on the way, by a connection or by Redis, does not write after another node took over.
 */
export const redisDriver: (options: RedisDriverOptions) => Driver<RedisDriverOptions, Redis> =
  defineDriver((options: RedisDriverOptions): Driver<RedisDriverOptions, Redis> => {
    const { redis, tag } = options;
    const index = `${tag}:records`;
    const keyOf = (key: string) => `${index}:${assertKey(key)}`;

    const write = async (key: string, content: string | Buffer, fence: RedisFence | undefined) => {
      const keys = [keyOf(key), index];
      const args = [content as string, key];
      if (fence !== undefined) {
        keys.push(fence.name);
        args.push(fence.owner);
      }
      const done = await doingInRedis(`write ${key}`, () => writeScript(redis, keys, args));
      if (done !== 1) throw leaseLost();
    };

    return {
      name: "inkwire-redis",
      options,
      // By this a lease knows that its lock lies here too.
      getInstance: () => redis,
      async hasItem(key) {
        const full = keyOf(key);
        return doingInRedis(`look for ${key}`, async () => (await redis.exists(full)) === 1);
      },
      async getItem(key) {
        const full = keyOf(key);
        return doingInRedis(`read ${key}`, () => redis.get(full));
      },
      async getItemRaw(key) {
        const full = keyOf(key);
        return doingInRedis(`read ${key}`, () => redis.getBuffer(full));
      },
      setItem: (key, value, { fence }: Fenced) => write(key, value, fence),
      setItemRaw: (key, value: unknown, { fence }: Fenced) => write(key, asBytes(value), fence),
      async removeItem(key) {
        const full = keyOf(key);
        await doingInRedis(`remove ${key}`, () => removeScript(redis, [full, index], [key]));
      },
      // Its types promise a prefix, but unstorage leaves it out when everything is asked for.
      async getKeys(prefix: string | undefined) {
        const start = prefix === undefined || prefix === "" ? "" : `${prefix.replace(/:$/, "")}:`;
        if (start !== "" && !isKey(start.slice(0, -1))) return [];
        return doingInRedis("list keys", () => listKeys(redis, index, start));
      },
    };
  });

async function listKeys(redis: Redis, index: string, start: string): Promise<string[]> {
  const all: string[] = [];
  // Members are of ASCII, which 0xFF comes after.
  const end = start === "" ? "+" : Buffer.concat([Buffer.from(`(${start}`), Buffer.from([0xff])]);
  for (let from = start === "" ? "-" : `[${start}`; ;) {
    const keys = await redis.zrangebylex(index, from, end, "LIMIT", 0, KEYS_AT_ONCE);
    for (const key of keys) all.push(key);
    const last = keys.at(-1);
    if (keys.length < KEYS_AT_ONCE || last === undefined) return all;
    from = `(${last}`;
  }
}

function asBytes(value: unknown): string | Buffer {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value instanceof ArrayBuffer) return Buffer.from(value);
  throw new TypeError(`Expected a string or bytes to store raw, got ${typeof value}`);
}
