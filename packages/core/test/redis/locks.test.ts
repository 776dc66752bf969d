import { Redis } from "ioredis";
import { afterAll, beforeAll, describe } from "vitest";
import { createRedisLocks } from "../../src/redis/locks.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { describeLocks } from "../suites/locks.js";

describe.skipIf(!hasRedis)("Redis", () => {
  let server: RedisServer;
  let redis: Redis;
  let place = 0;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  describeLocks("Redis locks", () => {
    const tag = `{place-${place++}}`;
    let shift = 0;
    return {
      ttlMs: 4_000,
      open: () => createRedisLocks({ redis, tag, shiftMs: () => shift }),
      advance: (ms) => (shift += ms),
      [Symbol.dispose]: () => {},
    };
  });
});
