import { InkwireError } from "../protocol/index.js";
import type { OpenRedisPartsOptions, RedisOptions, RedisParts } from "../redis/open.js";
import { logProblem, type Logger } from "./logger.js";
import type { InkwireOptions } from "./options.js";
import type { RateLimiter } from "./rate-limits.js";

export interface SharedDeps {
  readonly logger: Logger;
  readonly limiter: RateLimiter;
  readonly now: () => number;
  readonly uuid: () => string;
}

/**
 * What this server shares with others, if it does.
 *
 * @throws InkwireError `invalid_option`, `storage_failed`
 */
export async function openShared(
  { redis, home, history, books }: Omit<InkwireOptions, "messages">,
  { logger, limiter, now, uuid }: SharedDeps,
): Promise<RedisParts | undefined> {
  if (redis === undefined) return undefined;
  if (home !== undefined || history !== undefined) {
    throw new InkwireError(
      "invalid_option",
      `Expected redis or ${home === undefined ? "history" : "home"}, got both: with redis everything is kept there`,
    );
  }
  const given: RedisOptions = typeof redis === "string" ? { url: redis } : redis;
  const open = await load();
  return open({
    ...given,
    concurrency: books?.concurrency ?? 2,
    fallback: limiter,
    onProblem: (problem) => logProblem(logger, problem),
    onHealth({ state, since }) {
      if (state !== "connected") logger.warn({}, `redis is ${state}`);
      else logger.info({ since: new Date(since).toISOString() }, "redis is back");
    },
    onPrimary: ({ host, port, by }) => logger.info({ host, port, by }, "redis is here"),
    now,
    uuid,
  });
}

async function load(): Promise<(options: OpenRedisPartsOptions) => Promise<RedisParts>> {
  try {
    return (await import("../redis/open.js")).openRedisParts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new InkwireError("invalid_option", "The option redis needs ioredis and bullmq.", {
      hint: "Install them where inkwire is: npm install ioredis bullmq",
      cause: error,
    });
  }
}
