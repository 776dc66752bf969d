import { Redis, type RedisOptions } from "ioredis";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { connectorsTo } from "./connector.js";
import { PrimaryFinder, type RedisPrimary } from "./finder.js";
import { isRefusedHere, toRedisError } from "./redis-errors.js";
import { tagOf } from "./tag.js";
import { parseRedisUrl, type RedisTarget } from "./url.js";
import { within } from "./within.js";

export interface OpenRedisOptions {
  /**
   * What the keys begin with of all that is made with the client. On a Redis Cluster it decides which server that is.
   *
   * @default "inkwire"
   */
  readonly prefix?: string | undefined;
  /** Told which server it is that the client was led to, at first and each time that it is another one. @default nobody */
  readonly onPrimary?: ((primary: RedisPrimary) => void) | undefined;
  /** Told of each connection that broke; it is made again. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** How long the first connection may take before this gives up, in milliseconds. @default 5_000 */
  readonly startTimeoutMs?: number | undefined;
}

/** Between two attempts to reach Redis again, at most. */
const MAX_BACKOFF_MS = 1_000;

/**
 * How long what a server refuses that is not, or not now, the one to ask is asked again, in milliseconds: a slot may be on its way
 * to another server. A refusal after so long without one counts anew. Shorter than an answer may take, so that the reason is told.
 */
const PATIENCE_MS = 4_000;
const CALM_MS = 2_000;

/** How long what was asked may stay without a byte of answer, in milliseconds: longer than any command of BullMQ waits by itself. */
const SILENCE_MS = 15_000;

/** How long an answer may take in all, in milliseconds. Who waits then hears that there is none, and asks again. */
const ANSWER_MS = 5_000;

const connectionOptions = {
  lazyConnect: true,
  connectTimeout: 3_000,
  keepAlive: 10_000,
  // A machine that is gone says nothing, and TCP would wait for many minutes.
  socketTimeout: SILENCE_MS,
  commandTimeout: ANSWER_MS,
  // What waits for a Redis that is away is refused after so many attempts, some seconds, instead of waiting for ever.
  maxRetriesPerRequest: 7,
  retryStrategy: (attempt: number) =>
    Math.min(MAX_BACKOFF_MS, 25 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2),
} as const satisfies RedisOptions;

/** For a duplicate of the client whose user has a patience of its own, or waits for something that may take for ever. */
export const patient = {
  socketTimeout: undefined,
  commandTimeout: undefined,
} as const satisfies RedisOptions;

/**
 * Connects to a Redis and gives the client that all else of this entry takes. The URL is one of
 *
 * - `redis://[[user]:password@]host[:port][/db]`, or `rediss://` for TLS: that server;
 * - the same of any server of a Redis Cluster, or of several, `redis://host1:7000,host2:7000`: the primary of the slot that has
 *   the keys of `prefix`;
 * - `redis+sentinel://[[user]:password@]host1[:26379],host2[:26379]/name[/db]`, or `rediss+sentinel://`: the primary that these
 *   sentinels watch by this name. `?sentinel_password=…` and `sentinel_username` are what the sentinels themselves want. Lettuce's
 *   `redis-sentinel://host1,host2[/db]#name` says the same.
 *
 * It reconnects by itself for as long as it lives, and goes along when the primary is another one; what it was asked meanwhile waits
 * for 5 s at most and is then refused. Close it with `disconnect()`, after all that was made with it.
 *
 * @throws InkwireError `invalid_option` for a URL of another kind, or one that does not fit what is there; `storage_failed` when
 *   Redis can't be reached or does not let us in. No error shows the password.
 */
export async function openRedis(url: string, options: OpenRedisOptions = {}): Promise<Redis> {
  const { onProblem = () => {}, onPrimary = () => {}, startTimeoutMs = 5_000 } = options;
  const target = parseRedisUrl(url);
  const tag = tagOf(options.prefix);
  const finder = new PrimaryFinder({ target, tag });
  const { username, password, db, isTls } = target;
  let primary: RedisPrimary | undefined;
  /** What went wrong last. */
  let last: unknown;
  const redis = new PunctualRedis({
    ...connectionOptions,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: {} }),
    db,
    reconnectOnError: askAgain(finder, (error) => (last = error)),
    Connector: connectorsTo({
      finder,
      isTls,
      onPrimary: (found) => onPrimary((primary = found)),
    }),
  });
  redis.on("error", (error: unknown) => {
    last = error;
    onProblem(error);
  });
  try {
    await ready(redis, startTimeoutMs);
    // One that is down lets us in all the same.
    if (primary?.by === "cluster") await within(startTimeoutMs, () => redis.exists(tag), late);
  } catch (error) {
    redis.disconnect();
    const cause = last ?? error;
    if (isInkwireError(cause, "invalid_option")) throw cause;
    throw new InkwireError("storage_failed", `Could not connect to the ${nameOf(target)}.`, {
      retryable: true,
      hint: hintFor(cause, target),
      cause: toRedisError(cause, "connect"),
    });
  }
  return redis;
}

/** What was given up before it could be sent is not done later: whoever asked was told that it was not. */
class PunctualRedis extends Redis {
  override sendCommand(...[command, stream]: Parameters<Redis["sendCommand"]>): unknown {
    return command.isSettled ? command.promise : super.sendCommand(command, stream);
  }
}

/**
 * After a failover the old primary may live on as a replica, with our connections, and a slot may move to another server. What was
 * refused there was not done: it is asked again on a new connection, which leads to where the primary is now.
 */
function askAgain(
  finder: PrimaryFinder,
  onRefusal: (error: Error) => void,
): (error: Error) => 1 | 2 | false {
  let since = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (!isRefusedHere(error)) return false;
    onRefusal(error);
    const slot = /^MOVED (\d+)/.exec(error.message)?.[1];
    if (slot !== undefined && !finder.isMoved(Number(slot))) return false;
    const now = performance.now();
    if (now - last > CALM_MS) since = now;
    last = now;
    return now - since < PATIENCE_MS ? 2 : 1;
  };
}

async function ready(redis: Redis, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Nothing that is tried again helps a URL that does not fit.
  const onError = (error: unknown): void => {
    if (isInkwireError(error, "invalid_option")) reject(error);
  };
  redis.once("ready", resolve).on("error", onError);
  try {
    // It tries again by itself: a Redis that is started at the same time as we are may be a moment late.
    redis.connect().catch(() => {});
    await within(timeoutMs, () => promise, late);
  } finally {
    redis.off("ready", resolve).off("error", onError);
  }
}

const late = (): Error => new Error("It did not answer in time.");

function nameOf({ shown, sentinel }: RedisTarget): string {
  return sentinel === undefined
    ? `Redis at ${shown}`
    : `Redis ${sentinel.name} of the sentinels at ${shown}`;
}

function hintFor(problem: unknown, { sentinel }: RedisTarget): string {
  if (isInkwireError(problem) && problem.hint !== undefined) return problem.hint;
  const error = isInkwireError(problem) ? problem.cause : problem;
  const text = error instanceof Error ? error.message : "";
  if (/WRONGPASS|NOAUTH|NOPERM/.test(text)) {
    return "It does not let us in: check the user and the password in the URL.";
  }
  const { code = "" } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (/CERT|VERIFY|TLS|SSL/.test(code)) {
    return "Its certificate is not trusted here, or is for another name: NODE_EXTRA_CA_CERTS=<file> adds who signed it.";
  }
  if (isRefusedHere(error)) return toRedisError(error, "connect").hint ?? "";
  return sentinel === undefined
    ? "Check that it runs, and the host and the port in the URL."
    : "Check that the sentinels run and can be reached, and the primary at the address that they say.";
}
