import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { leaseLost } from "../storage/lease.js";
import type { Logs } from "../storage/logs.js";
import { doingInRedis } from "./redis-errors.js";
import { createScript } from "./script.js";

export interface RedisLogsOptions {
  readonly redis: Redis;
  /** What all keys begin with, such as `{inkwire}`. */
  readonly tag: string;
}

// A log is a text, beside it who writes it, and how many times it did.
const beginScript = createScript(`
local header = ARGV[1]
if header ~= '' and redis.call('GETRANGE', KEYS[1], 0, #header - 1) == header then
  redis.call('APPEND', KEYS[1], '\\n')
else
  redis.call('SET', KEYS[1], header)
end
redis.call('HSET', KEYS[2], 'writer', ARGV[2], 'count', 0)
redis.call('SADD', KEYS[3], ARGV[3])
`);
/** What was written already is not written twice: its answer was lost with the connection, and it came again. */
const writeScript = createScript(`
local log = redis.call('HMGET', KEYS[2], 'writer', 'count')
if log[1] ~= ARGV[1] then return 0 end
if tonumber(log[2]) >= tonumber(ARGV[2]) then return 1 end
redis.call('APPEND', KEYS[1], ARGV[3])
redis.call('HSET', KEYS[2], 'count', ARGV[2])
return 1
`);
// As a script, which a server refuses whole or not at all.
const removeScript = createScript(`
redis.call('UNLINK', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
`);

/**
 * Logs in Redis, each at `<tag>:logs:<name>`. Who began a log last is its writer: what an earlier one, on a node that was
 * taken for dead, still sends is refused with `lease_lost`.
 */
export function createRedisLogs({ redis, tag }: RedisLogsOptions): Logs {
  const textKey = (name: string) => `${tag}:logs:${name}`;
  const writerKey = (name: string) => `${tag}:log-writers:${name}`;
  const folderKey = (folder: string) => `${tag}:log-folders:${folder}`;
  const folderOf = (name: string) => name.slice(0, name.lastIndexOf("/"));

  return {
    async begin(name, header) {
      const writer = randomUUID();
      const keys = [textKey(name), writerKey(name)];
      await doingInRedis("begin a log", () =>
        beginScript(redis, [...keys, folderKey(folderOf(name))], [header, writer, name]),
      );
      let count = 0;
      return {
        async write(text) {
          count += 1;
          const number = count;
          const isOurs = await doingInRedis("write a log", () =>
            writeScript(redis, keys, [writer, number, text]),
          );
          if (isOurs !== 1) throw leaseLost();
        },
        close: async () => {},
      };
    },
    async read(name) {
      return (await doingInRedis("read a log", () => redis.get(textKey(name)))) ?? undefined;
    },
    async remove(name) {
      await doingInRedis("remove a log", () =>
        removeScript(redis, [textKey(name), writerKey(name), folderKey(folderOf(name))], [name]),
      );
    },
    async removeAll(folder) {
      await doingInRedis("remove logs", async () => {
        const names = await redis.smembers(folderKey(folder));
        const keys = names.flatMap((name) => [textKey(name), writerKey(name)]);
        await redis.unlink(folderKey(folder), ...keys);
      });
    },
  };
}
