import type { Redis } from "ioredis";
import { createStorage } from "unstorage";
import { InkwireError } from "../protocol/index.js";
import type { Home } from "../storage/types.js";
import { createRedisLocks } from "./locks.js";
import { createRedisLogs } from "./logs.js";
import { doingInRedis } from "./redis-errors.js";
import { redisDriver } from "./storage.js";
import { tagOf } from "./tag.js";

/** The layout of a home in Redis that this program writes. */
const HOME_VERSION = 1;

export interface RedisHomeOptions {
  /** Stays the caller's: it is not closed with the home. */
  readonly redis: Redis;
  /** What the keys of this home begin with; others may share the database. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** How long a node may be silent before others take its work, in milliseconds. @default 4_000 */
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Opens the state of inkwire in a Redis, which any number of nodes may have open: records, locks, numbers and the drafts of
 * chapters. Redis has to keep it: with `appendonly yes`, and never with an eviction policy other than `noeviction`.
 *
 * @throws InkwireError `home_newer` when a newer version of this program wrote it, `invalid_option` for a prefix that can't be one,
 *   `storage_failed` when Redis does not answer, or throws away what it has when it is full.
 */
export async function openRedisHome(options: RedisHomeOptions): Promise<Home> {
  const { redis, leaseTtlMs } = options;
  const tag = tagOf(options.prefix);
  await checkPolicy(redis);
  await checkVersion(redis, `${tag}:home`);
  const storage = createStorage({ driver: redisDriver({ redis, tag }) });
  return {
    storage,
    locks: createRedisLocks({ redis, tag, leaseTtlMs }),
    logs: createRedisLogs({ redis, tag }),
    directory: undefined,
    close: () => storage.dispose(),
  };
}

/** The policies that spare what has no end of its own, as our keys have none, are as good as `noeviction`. */
async function checkPolicy(redis: Redis): Promise<void> {
  const memory = await doingInRedis("open the home", () => redis.info("memory"));
  const policy = /^maxmemory_policy:(allkeys-\w+)/m.exec(memory)?.[1];
  if (policy === undefined || /^maxmemory:0\r?$/m.test(memory)) return;
  throw new InkwireError(
    "storage_failed",
    `This Redis throws books away when it is full: its maxmemory-policy is ${policy}.`,
    { hint: "Set maxmemory-policy to noeviction: it then refuses what does not fit." },
  );
}

async function checkVersion(redis: Redis, key: string): Promise<void> {
  const version = await doingInRedis("open the home", async () => {
    await redis.setnx(key, HOME_VERSION);
    return Number(await redis.get(key));
  });
  if (version > HOME_VERSION) {
    throw new InkwireError(
      "home_newer",
      `The home in this Redis was made by a newer inkwire (version ${version}; this one knows up to ${HOME_VERSION}).`,
      { hint: "Update inkwire, or choose another prefix." },
    );
  }
}
