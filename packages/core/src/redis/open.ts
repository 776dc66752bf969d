import type { History } from "../bus/types.js";
import type { JobsOptions } from "../pipeline/options.js";
import { isInkwireError } from "../protocol/index.js";
import type { RateLimiter } from "../server/rate-limits.js";
import type { Home } from "../storage/types.js";
import { openRedis } from "./client.js";
import type { RedisPrimary } from "./finder.js";
import type { RedisHealth } from "./health.js";
import { createRedisHistory } from "./history.js";
import { openRedisHome } from "./home.js";
import { createRedisLimiter } from "./limiter.js";
import { createRedisPresence, type RedisPresence } from "./presence.js";
import { createRedisQueue } from "./queue.js";
import { isRefusedHere, isUnreachable } from "./redis-errors.js";
import { createRedisSignals } from "./signals.js";

/** A Redis that several servers share, so that they are one. */
export interface RedisOptions {
  /**
   * `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS; of any server of a Redis Cluster, or of several,
   * `redis://host1,host2`; with Sentinel `redis+sentinel://host1,host2/name`. `openRedis` says more.
   */
  readonly url: string;
  /** What all keys begin with: servers with the same one are nodes of one service. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** How many messages can be replayed, also in the memory of each node. @default 10_000 */
  readonly maxMessages?: number | undefined;
  /** How many bytes of JSON text they are at most. @default 33_554_432 */
  readonly maxBytes?: number | undefined;
  /** For how long, in milliseconds. @default 86_400_000, a day */
  readonly maxAgeMs?: number | undefined;
}

export interface OpenRedisPartsOptions extends RedisOptions {
  /** How many jobs run at once on this node. */
  readonly concurrency: number;
  /** Counts rates while Redis is away. */
  readonly fallback: RateLimiter;
  readonly onProblem: (problem: unknown) => void;
  readonly onHealth: (health: RedisHealth) => void;
  /** Told which server it is, at first and each time that it is another one. */
  readonly onPrimary: (primary: RedisPrimary) => void;
  readonly now: () => number;
  readonly uuid: () => string;
}

/** Everything of a server that lies in Redis. */
export interface RedisParts {
  readonly home: Home;
  readonly history: History;
  readonly queue: NonNullable<JobsOptions["queue"]>;
  readonly signals: NonNullable<JobsOptions["signals"]>;
  readonly peers: RedisPresence;
  readonly limiter: RateLimiter;
  /** Takes this node out of the others' sight, and ends all. After what was made with the parts. */
  close(): Promise<void>;
}

/**
 * Opens what servers share.
 *
 * @throws InkwireError `storage_failed` when Redis can't be reached, `invalid_option`, `home_newer`.
 */
export async function openRedisParts(options: OpenRedisPartsOptions): Promise<RedisParts> {
  const { url, prefix, now, uuid } = options;
  // Each connection says that Redis is away, again and again; presence says it once.
  const onProblem = (problem: unknown): void => {
    if (!isConnectionTrouble(problem)) options.onProblem(problem);
  };
  const redis = await openRedis(url, { prefix, onProblem, onPrimary: options.onPrimary });
  const shared = { redis, prefix, onProblem };
  try {
    const home = await openRedisHome({ redis, prefix });
    const { maxMessages, maxBytes, maxAgeMs } = options;
    const history = await createRedisHistory({ ...shared, maxMessages, maxBytes, maxAgeMs });
    const signals = createRedisSignals(shared);
    const peers = createRedisPresence({
      ...shared,
      onProblem: options.onProblem,
      onHealth: options.onHealth,
      now,
      uuid,
    });
    return {
      home,
      history,
      queue: createRedisQueue({ ...shared, concurrency: options.concurrency }),
      signals,
      peers,
      limiter: createRedisLimiter({ ...shared, fallback: options.fallback, now }),
      async close() {
        await peers.leave();
        signals.close();
        await home.close();
        redis.disconnect();
      },
    };
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** What a client of ioredis says of its connection: none of it is of ours. */
function isConnectionTrouble(problem: unknown): boolean {
  if (isInkwireError(problem) || !(problem instanceof Error)) return false;
  return (
    isRefusedHere(problem) ||
    isUnreachable(problem) ||
    (problem as NodeJS.ErrnoException).code === "EPIPE" ||
    /Connection is closed|max retries|Connection .*timeout|timed out|LOADING/i.test(problem.message)
  );
}
