import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisLimiter } from "../../src/redis/limiter.js";
import { createRateLimiter, type Rate, type RateLimiter } from "../../src/server/rate-limits.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { startTcpProxy } from "../support/tcp-proxy.js";

describe.skipIf(!hasRedis)("rates counted in Redis", () => {
  let server: RedisServer;
  const clients: Redis[] = [];
  beforeAll(async () => {
    server = await startRedis({ isCluster: true });
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server[Symbol.asyncDispose]();
  });
  const open = async (url = server.url): Promise<Redis> => {
    const redis = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: 1 });
    redis.on("error", () => {});
    clients.push(redis);
    await redis.ping();
    return redis;
  };
  const takeOne = async (limiters: readonly RateLimiter[], n: number, key: string, rate: Rate) =>
    limiters[n % limiters.length]?.take(key, rate);
  const takeMany = (limiters: readonly RateLimiter[], key: string, count: number, rate = SLOW) =>
    Promise.all(Array.from({ length: count }, (_, n) => takeOne(limiters, n, key, rate)));
  const SLOW = { perMinute: 6, burst: 10 };

  it("lets a burst through once for all nodes, however many ask at once", async () => {
    const nodes = [
      createRedisLimiter({
        redis: await open(),
        prefix: "all",
        fallback: createRateLimiter(Date.now),
      }),
      createRedisLimiter({
        redis: await open(),
        prefix: "all",
        fallback: createRateLimiter(Date.now),
      }),
    ];
    const waits = await takeMany(nodes, "user:ada write", 60);
    expect(waits.filter((ms) => ms === 0)).toHaveLength(10);
    for (const ms of waits.filter((ms) => ms !== 0)) {
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(10_000);
    }
    expect(await nodes[0]?.take("user:bob write", SLOW)).toBe(0);
  });

  it("gives back with time, and keeps nothing of a bucket that is full", async () => {
    const redis = await open();
    const limiter = createRedisLimiter({
      redis,
      prefix: "time",
      fallback: createRateLimiter(Date.now),
    });
    const rate = { perMinute: 600, burst: 2 };
    expect(await takeMany([limiter], "a", 3, rate)).toEqual([0, 0, expect.any(Number)]);
    const wait = await limiter.take("a", rate);
    await new Promise((resolve) => setTimeout(resolve, wait + 50));
    expect(await limiter.take("a", rate)).toBe(0);
    await expect.poll(() => redis.keys("{time}:rate:*")).toEqual([]);
  });

  it("keeps apart who is called alike, whatever their name holds", async () => {
    const limiter = createRedisLimiter({
      redis: await open(),
      prefix: "names",
      fallback: createRateLimiter(Date.now),
    });
    const names = [
      "a",
      "a\n",
      "a\0b",
      "ü".repeat(200),
      `${"ü".repeat(200)}v`,
      "}:{",
      "*",
      "#a",
      "x".repeat(101),
    ];
    const once = { perMinute: 1, burst: 1 };
    for (const name of names) expect(await limiter.take(name, once)).toBe(0);
    for (const name of names) expect(await limiter.take(name, once)).toBeGreaterThan(0);
  });

  it("counts in this process while Redis is away or stands still, says so once, and comes back by itself", async () => {
    await using proxy = await startTcpProxy(server.port);
    const problems: unknown[] = [];
    const limiter = createRedisLimiter({
      redis: await open(`redis://127.0.0.1:${proxy.port}`),
      prefix: "away",
      fallback: createRateLimiter(Date.now),
      onProblem: (problem) => problems.push(problem),
      patienceMs: 50,
      restMs: 100,
    });
    expect(await limiter.take("ada", SLOW)).toBe(0);
    proxy.hold();
    const waits = await takeMany([limiter], "ada", 15);
    expect(waits.filter((ms) => ms === 0)).toHaveLength(10);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: "storage_failed" });
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await limiter.take("bob", SLOW)).toBe(0);
    expect(problems).toHaveLength(1);
    proxy.mend();
    // Redis knows of one more of ada's than were taken here, and of none of bob's.
    const redis = await open();
    await expect
      .poll(async () => {
        await limiter.take("bob", SLOW);
        return redis.exists("{away}:rate:bob");
      })
      .toBe(1);
    expect(problems).toHaveLength(1);
  });
});
