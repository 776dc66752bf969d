import type { Redis } from "ioredis";
import { createScript } from "./script.js";

/**
 * The order in which jobs go, for all nodes: the highest priority first; within it, the owner who has the fewest running
 * anywhere, then owners in turn; of one owner, first come, first served. The same as `FairLine` says within one process.
 */
export interface RedisLine {
  /** Puts a job in line. `false` when it waits or runs already. */
  push(jobId: string, owner: string, priority: number): Promise<boolean>;
  /** The job whose turn it is, for this ticket; the one it has already, when a dead node left it. */
  take(ticket: string): Promise<string | undefined>;
  /** The job of this ticket has ended. */
  end(ticket: string): Promise<void>;
  /** Takes a waiting job out of the line; `false` when it does not wait. */
  withdraw(jobId: string): Promise<boolean>;
  /** Whether it waits or runs, on any node. */
  holds(jobId: string): Promise<boolean>;
  /** The tickets that have a job. */
  tickets(): Promise<string[]>;
  /** How many wait, for all nodes. */
  waiting(): Promise<number>;
}

// Keys, all below <tag>:line. `jobs`: job → what it is, `<priority> <owner>`. `waiting`: the jobs that wait.
// `priorities`: those somebody waits at. `owners <p>`: who waits at p, the next first. `lane <p> <owner>`: their jobs.
// `running`: owner → how many run. `tickets`: ticket → the job it runs. `turn`: a counter.
// The score of an owner is how many run, and below that, since when it is their turn: 2 ** 53 holds 9,000 and 10 ** 12.
const LUA = `
local at = KEYS[1]
local function score(owner, turn)
  return tonumber(redis.call('HGET', at .. ':running', owner) or 0) * 1e12 + turn
end
local function split(what)
  local space = string.find(what, ' ', 1, true)
  return string.sub(what, 1, space - 1), string.sub(what, space + 1)
end
local function leave(priority, owner)
  redis.call('ZREM', at .. ':owners ' .. priority, owner)
  if redis.call('ZCARD', at .. ':owners ' .. priority) == 0 then
    redis.call('ZREM', at .. ':priorities', priority)
  end
end
local function place(priority, owner, turn)
  redis.call('ZADD', at .. ':owners ' .. priority, score(owner, turn), owner)
end
local function runs(owner, change)
  local left = redis.call('HINCRBY', at .. ':running', owner, change)
  if left <= 0 then redis.call('HDEL', at .. ':running', owner) end
  for _, priority in ipairs(redis.call('ZRANGE', at .. ':priorities', 0, -1)) do
    local old = redis.call('ZSCORE', at .. ':owners ' .. priority, owner)
    if old then place(priority, owner, tonumber(old) % 1e12) end
  end
end
`;

const pushScript = createScript(`${LUA}
local id, priority, owner = ARGV[1], ARGV[2], ARGV[3]
if redis.call('HSETNX', at .. ':jobs', id, priority .. ' ' .. owner) == 0 then return 0 end
redis.call('SADD', at .. ':waiting', id)
redis.call('ZADD', at .. ':priorities', priority, priority)
if redis.call('RPUSH', at .. ':lane ' .. priority .. ' ' .. owner, id) == 1 then
  place(priority, owner, redis.call('INCR', at .. ':turn'))
end
return 1
`);
const takeScript = createScript(`${LUA}
local ticket = ARGV[1]
local again = redis.call('HGET', at .. ':tickets', ticket)
if again then return again end
local priority = redis.call('ZRANGE', at .. ':priorities', -1, -1)[1]
if not priority then return false end
local owner = redis.call('ZRANGE', at .. ':owners ' .. priority, 0, 0)[1]
local lane = at .. ':lane ' .. priority .. ' ' .. owner
local id = redis.call('LPOP', lane)
redis.call('SREM', at .. ':waiting', id)
redis.call('HSET', at .. ':tickets', ticket, id)
if redis.call('LLEN', lane) == 0 then leave(priority, owner)
else place(priority, owner, redis.call('INCR', at .. ':turn')) end
runs(owner, 1)
return id
`);
const endScript = createScript(`${LUA}
local id = redis.call('HGET', at .. ':tickets', ARGV[1])
if not id then return 0 end
redis.call('HDEL', at .. ':tickets', ARGV[1])
local what = redis.call('HGET', at .. ':jobs', id)
if not what then return 0 end
redis.call('HDEL', at .. ':jobs', id)
local _, owner = split(what)
runs(owner, -1)
return 1
`);
const withdrawScript = createScript(`${LUA}
local id = ARGV[1]
if redis.call('SREM', at .. ':waiting', id) == 0 then return 0 end
local priority, owner = split(redis.call('HGET', at .. ':jobs', id))
redis.call('HDEL', at .. ':jobs', id)
local lane = at .. ':lane ' .. priority .. ' ' .. owner
redis.call('LREM', lane, 1, id)
if redis.call('LLEN', lane) == 0 then leave(priority, owner) end
return 1
`);

/** @param tag - what all keys begin with, such as `{inkwire}`. */
export function createRedisLine(redis: Redis, tag: string): RedisLine {
  const at = `${tag}:line`;
  return {
    push: async (jobId, owner, priority) =>
      (await pushScript(redis, [at], [jobId, priority, owner])) === 1,
    async take(ticket) {
      const jobId = await takeScript(redis, [at], [ticket]);
      return typeof jobId === "string" ? jobId : undefined;
    },
    async end(ticket) {
      await endScript(redis, [at], [ticket]);
    },
    withdraw: async (jobId) => (await withdrawScript(redis, [at], [jobId])) === 1,
    holds: async (jobId) => (await redis.hexists(`${at}:jobs`, jobId)) === 1,
    tickets: () => redis.hkeys(`${at}:tickets`),
    waiting: () => redis.scard(`${at}:waiting`),
  };
}
