import type { Redis } from "ioredis";
import type { ConnectionInfo } from "../transports/types.js";
import {
  packConnection,
  unpackConnection,
  type NodeWord,
  type PackedConnection,
} from "./node-words.js";
import { createScript } from "./script.js";

/**
 * The nodes and their connections as they lie in Redis. All below `<tag>:nodes`: the key itself has each node with when it was
 * last heard, by the clock of Redis; `:versions` has the version of each one's list; `:of <node>` is that list.
 */
export interface NodeList {
  /** Begins the list of this node anew, with nothing in it. */
  begin(version: number): Promise<void>;
  /**
   * Says that this node lives, and what happened since version `from`. Gives back all living nodes with the version of their
   * list; `undefined` when Redis does not have version `from` of this node, which has to begin anew.
   */
  beat(
    from: number,
    to: number,
    opened: readonly ConnectionInfo[],
    closed: readonly string[],
  ): Promise<ReadonlyMap<string, number> | undefined>;
  /** The whole list of another node, and the version that it has at least. */
  read(node: string): Promise<{ readonly version: number; readonly connections: ConnectionInfo[] }>;
  leave(): Promise<void>;
}

const LUA = `
local at, channel, node = KEYS[1], KEYS[1], ARGV[1]
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- Its name goes last: where the slot moves in between, it is forgotten once more.
local function forget(node)
  redis.call('UNLINK', at .. ':of ' .. node)
  redis.call('HDEL', at .. ':versions', node)
  redis.call('ZREM', at, node)
  redis.call('PUBLISH', channel, cjson.encode({ is = 'gone', node = node }))
end
`;
const beginScript = createScript(`${LUA}
redis.call('UNLINK', at .. ':of ' .. node)
redis.call('HSET', at .. ':versions', node, ARGV[2])
redis.call('ZADD', at, now(), node)
`);
/** What was done already, and is asked for again since its answer was lost, is not done again. */
const beatScript = createScript(`${LUA}
local from, to, ttl, word = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local has = redis.call('HGET', at .. ':versions', node)
if has ~= from and has ~= to then return false end
local time = now()
redis.call('ZADD', at, time, node)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', at, '-inf', time - ttl)) do forget(dead) end
if has ~= to then
  local opened = tonumber(ARGV[6])
  local list = at .. ':of ' .. node
  for i = 7, 6 + opened * 2, 2 do redis.call('HSET', list, ARGV[i], ARGV[i + 1]) end
  for i = 7 + opened * 2, #ARGV do redis.call('HDEL', list, ARGV[i]) end
  redis.call('HSET', at .. ':versions', node, to)
  redis.call('PUBLISH', channel, word)
end
return redis.call('HGETALL', at .. ':versions')
`);
const leaveScript = createScript(`${LUA}
forget(node)
`);

/** How many connections are read in one command, so that no list keeps others waiting. */
const READ_AT_ONCE = 1_000;

export interface NodeListOptions {
  readonly redis: Redis;
  readonly tag: string;
  readonly node: string;
  readonly ttlMs: number;
}

export function createNodeList({ redis, tag, node, ttlMs }: NodeListOptions): NodeList {
  const at = `${tag}:nodes`;
  // All that a script touches of this node, so that a server that has not all of them refuses it before it begins.
  const keys = [at, `${at}:versions`, `${at}:of ${node}`];
  return {
    async begin(version) {
      await beginScript(redis, keys, [node, version]);
    },
    async beat(from, to, opened, closed) {
      const packed = opened.map(packConnection);
      const word: NodeWord = { is: "delta", node, from, to, opened: packed, closed };
      const fields = packed.flatMap((connection) => [connection[0], JSON.stringify(connection)]);
      const head = [node, from, to, ttlMs, from === to ? "" : JSON.stringify(word), packed.length];
      const answer = await beatScript(redis, keys, [...head, ...fields, ...closed]);
      return Array.isArray(answer) ? versionsIn(answer as string[]) : undefined;
    },
    async read(other) {
      const version = Number((await redis.hget(`${at}:versions`, other)) ?? 0);
      // By their id, since one may come twice while the list changes.
      const found = new Map<string, ConnectionInfo>();
      let cursor = "0";
      do {
        const [next, pairs] = await redis.hscan(`${at}:of ${other}`, cursor, "COUNT", READ_AT_ONCE);
        for (let i = 1; i < pairs.length; i += 2) {
          const connection = unpackConnection(JSON.parse(pairs[i] ?? "") as PackedConnection);
          found.set(connection.id, connection);
        }
        cursor = next;
      } while (cursor !== "0");
      return { version, connections: [...found.values()] };
    },
    async leave() {
      await leaveScript(redis, keys, [node]);
    },
  };
}

function versionsIn(pairs: readonly string[]): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (let i = 0; i < pairs.length; i += 2) versions.set(pairs[i] ?? "", Number(pairs[i + 1]));
  return versions;
}
