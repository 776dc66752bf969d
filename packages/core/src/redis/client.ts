import { Redis, type RedisOptions } from "ioredis";
import { InkwireError } from "../protocol/index.js";
import { isReplicaRefusal, toRedisError } from "./redis-errors.js";

export interface OpenRedisOptions {
  /** Told of each connection that broke; it is made again. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** How long the first connection may take before this gives up, in milliseconds. @default 5_000 */
  readonly startTimeoutMs?: number | undefined;
}

/** Between two attempts to reach Redis again, at most. */
const MAX_BACKOFF_MS = 1_000;

/** How often a connection is made anew because it leads to a replica: the address may take a while to move along. */
const REPLICA_REST_MS = 1_000;

const connectionOptions = {
  lazyConnect: true,
  connectTimeout: 3_000,
  keepAlive: 10_000,
  // What waits for a Redis that is away is refused after so many attempts, some seconds, instead of waiting for ever.
  maxRetriesPerRequest: 7,
  retryStrategy: (attempt: number) =>
    Math.min(MAX_BACKOFF_MS, 25 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2),
} as const satisfies RedisOptions;

/**
 * Connects to a Redis, `redis://[[user]:password@]host[:port][/db]` or `rediss://` for TLS, and gives the client that all else of
 * this entry takes. It reconnects by itself for as long as it lives; what it was asked meanwhile waits for some seconds and is
 * then refused. Close it with `disconnect()`, after all that was made with it.
 *
 * @throws InkwireError `invalid_option` for a URL of another kind, `storage_failed` when Redis can't be reached or does not let
 *   us in. No error shows the password.
 */
export async function openRedis(url: string, options: OpenRedisOptions = {}): Promise<Redis> {
  const { onProblem = () => {}, startTimeoutMs = 5_000 } = options;
  const address = checkedUrl(url);
  const redis = new Redis(url, { ...connectionOptions, reconnectOnError: leaveReplicas() });
  let last: unknown;
  redis.on("error", (error: unknown) => {
    last = error;
    onProblem(error);
  });
  try {
    await ready(redis, startTimeoutMs);
  } catch (error) {
    redis.disconnect();
    throw new InkwireError("storage_failed", `Could not connect to the Redis at ${address}.`, {
      retryable: true,
      hint: hintFor(last),
      cause: toRedisError(last ?? error, "connect"),
    });
  }
  return redis;
}

/**
 * After a failover the old primary may live on as a replica, with our connections. What it refused was not done: it is asked again
 * on a new connection, which the address leads to the new primary.
 */
function leaveReplicas(): (error: Error) => 2 | false {
  let leftAt = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!isReplicaRefusal(error) || performance.now() - leftAt < REPLICA_REST_MS) return false;
    leftAt = performance.now();
    return 2;
  };
}

/** The part of it that may be shown. */
function checkedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isRedis = parsed?.protocol === "redis:" || parsed?.protocol === "rediss:";
  if (parsed !== undefined && isRedis && parsed.hostname !== "" && /^\/?\d*$/.test(parsed.pathname))
    return parsed.host;
  // Whatever it is, there may be a password in it.
  throw new InkwireError(
    "invalid_option",
    "Expected the URL of a Redis such as redis://127.0.0.1:6379 or rediss://user:password@host:6380/0",
  );
}

function ready(redis: Redis, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off("ready", onReady);
      reject(new Error("It did not answer in time."));
    }, timeoutMs);
    const onReady = (): void => {
      clearTimeout(timer);
      resolve();
    };
    redis.once("ready", onReady);
    // It tries again by itself: a Redis that is started at the same time as we are may be a moment late.
    redis.connect().catch(() => {});
  });
}

function hintFor(error: unknown): string {
  const text = error instanceof Error ? error.message : "";
  if (/WRONGPASS|NOAUTH|NOPERM/.test(text)) {
    return "It does not let us in: check the user and the password in the URL.";
  }
  return "Check that it runs, and the host and the port in the URL.";
}
