import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisHistory, type RedisHistoryOptions } from "../../src/redis/index.js";
import { createAdopt } from "../bus/envelopes.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { runBusModel } from "../suites/bus-model.js";
import { describeHistory } from "../suites/history.js";

describe.skipIf(!hasRedis)("Redis history", () => {
  let server: RedisServer;
  let redis: Redis;
  let place = 0;
  const problems: unknown[] = [];
  beforeAll(async () => {
    server = await startRedis({ isCluster: true });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  const open = async (options: Partial<RedisHistoryOptions> = {}) => {
    const history = await createRedisHistory({
      redis,
      prefix: `place-${place++}`,
      onProblem: (problem) => problems.push(problem),
      ...options,
    });
    history.start?.(createAdopt());
    return history;
  };

  describeHistory({ open });

  it("keeps the promise of a bus to every reader, whatever they do", { timeout: 120_000 }, () =>
    runBusModel({
      open: (maxMessages) => createRedisHistory({ redis, prefix: `place-${place++}`, maxMessages }),
      runs: 12,
    }),
  );

  it.each([
    { maxMessages: 0 },
    { maxBytes: -1 },
    { maxAgeMs: 0.5 },
    { publishTimeoutMs: 5 },
    { prefix: "a b" },
  ])("refuses the options %j", async (options) => {
    await expect(createRedisHistory({ redis, ...options })).rejects.toMatchObject({
      code: "invalid_option",
    });
  });

  it("had nothing to complain about in all of this", () => {
    expect(problems).toEqual([]);
  });
});
