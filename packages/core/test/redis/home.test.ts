import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { createRedisLocks } from "../../src/redis/locks.js";
import { createRedisLogs } from "../../src/redis/logs.js";
import { openRedisHome } from "../../src/redis/index.js";
import { createRecords } from "../../src/storage/records.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";

const withCode = (code: string) => (error: unknown) => isInkwireError(error) && error.code === code;

describe.skipIf(!hasRedis)("a home in Redis", () => {
  const shared = shareRedis();
  const open = (prefix = shared.newPrefix()) => openRedisHome({ redis: shared.redis, prefix });

  it("lists what lies below a key and nothing beside it, however much that is", async () => {
    const { storage } = await open();
    const below = Array.from({ length: 2_500 }, (_, index) => `jobs:a:${index}`);
    await Promise.all(below.map((key) => storage.setItem(key, "x")));
    for (const key of ["jobs:a", "jobs:a-b:1", "jobs:ab:1", "jobs-x:a:1", "joba:1"])
      await storage.setItem(key, "x");
    expect((await storage.getKeys("jobs:a")).toSorted()).toEqual(below.toSorted());
    expect(await storage.getKeys("jobs")).toHaveLength(2_503);
    expect(await storage.getKeys()).toHaveLength(2_505);
    expect(await storage.getKeys("a*")).toEqual([]);
    await storage.removeItem("jobs:a:7");
    expect(await storage.getKeys("jobs:a")).toHaveLength(2_499);
    expect(await storage.hasItem("jobs:a:7")).toBe(false);
  });

  it("gives back bytes as they were", async () => {
    const { storage } = await open();
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await storage.setItemRaw("book-sources:1:0", new Uint8Array(bytes));
    expect(await storage.getItemRaw("book-sources:1:0")).toEqual(bytes);
    expect(await storage.getItemRaw("book-sources:1:1")).toBeNull();
  });

  it.each(["A:b", "a b", "a:*", "a:ä", "a:{x}", `a:${"b".repeat(129)}`])(
    "refuses the key %j",
    async (key) => {
      const { storage } = await open();
      const refused = withCode("invalid_option");
      await expect(storage.setItem(key, "x")).rejects.toSatisfy(refused);
      await expect(storage.getItem(key)).rejects.toSatisfy(refused);
      await expect(storage.removeItem(key)).rejects.toSatisfy(refused);
    },
  );

  it.each(["", "a b", "{a}", "a:b", "ä", "x".repeat(65)])(
    "refuses the prefix %j",
    async (prefix) => {
      await expect(open(prefix)).rejects.toSatisfy(withCode("invalid_option"));
    },
  );

  it("is apart from a home of another prefix in the same database", async () => {
    const [one, two] = [await open(), await open()];
    await one.storage.setItem("a", "1");
    expect(await one.locks.nextNumber("books")).toBe(1);
    expect(await two.storage.getKeys()).toEqual([]);
    expect(await two.locks.nextNumber("books")).toBe(1);
  });

  it("gives each number to one of many connections at the same time", async () => {
    const prefix = shared.newPrefix();
    const homes = await Promise.all(
      Array.from({ length: 5 }, () => openRedisHome({ redis: shared.connect(), prefix })),
    );
    const numbers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => homes[index % 5]?.locks.nextNumber("books")),
    );
    expect(numbers.map(Number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    );
  });

  it("refuses what a newer version made", async () => {
    const prefix = shared.newPrefix();
    await shared.redis.set(`{${prefix}}:home`, "99");
    await expect(open(prefix)).rejects.toSatisfy(withCode("home_newer"));
  });

  it("says that Redis is full, and keeps what was there", async () => {
    const { storage } = await open();
    await storage.setItem("a", "before");
    await shared.redis.config("SET", "maxmemory", "1");
    try {
      await expect(storage.setItem("a", "after")).rejects.toSatisfy(withCode("disk_full"));
      expect(await storage.getItem("a")).toBe("before");
    } finally {
      await shared.redis.config("SET", "maxmemory", "0");
    }
    await storage.setItem("a", "after");
    expect(await storage.getItem("a")).toBe("after");
  });

  it("refuses a Redis that throws away what it has when it is full", async () => {
    const { redis } = shared;
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    try {
      // It is never full.
      await open();
      await redis.config("SET", "maxmemory", "100mb");
      await expect(open()).rejects.toSatisfy(withCode("storage_failed"));
      // Our keys have no end of their own.
      await redis.config("SET", "maxmemory-policy", "volatile-lru");
      await open();
    } finally {
      await redis.config("SET", "maxmemory", "0");
      await redis.config("SET", "maxmemory-policy", "noeviction");
    }
  });

  it("refuses a write that was held up until another node had the lease", async () => {
    const prefix = shared.newPrefix();
    const { storage } = await open(prefix);
    let shift = 0;
    const locks = createRedisLocks({
      redis: shared.redis,
      tag: `{${prefix}}`,
      shiftMs: () => shift,
    });
    const records = createRecords({
      storage,
      prefix: "books",
      version: 1,
      schema: v.object({ by: v.string() }),
    });
    const slow = await locks.acquire("work:1");
    if (slow === undefined) throw new Error("It is held.");
    // It has looked whether it may write, and is only slow from there on.
    const lease = { ...slow, verify: async () => {} };
    await records.put("1", { by: "slow" }, { lease });
    shift += 60_000;
    // Late, but nobody took over.
    await records.put("1", { by: "slow again" }, { lease });
    const next = await locks.acquire("work:1");
    await records.put("1", { by: "next" }, next && { lease: next });
    await expect(records.put("1", { by: "slow" }, { lease })).rejects.toSatisfy(
      withCode("lease_lost"),
    );
    expect(await records.get("1")).toEqual({ by: "next" });
  });

  it("takes the same answer for a call that is sent twice, because its connection broke", async () => {
    const tag = `{${shared.newPrefix()}}`;
    const logs = createRedisLogs({ redis: shared.redis, tag });
    const log = await logs.begin("drafts/1/1", "head\n");
    await log.write("one\n");
    // What ioredis does with a command whose answer it did not get.
    const sends = vi.spyOn(shared.redis, "evalsha");
    await log.write("two\n");
    const sent = sends.mock.calls.slice();
    for (const call of sent) await shared.redis.evalsha(...call);
    sends.mockRestore();
    expect(sent).toHaveLength(1);
    expect(await logs.read("drafts/1/1")).toBe("head\none\ntwo\n");
  });

  it("lets the writer of a log go whose chapter is written elsewhere by now", async () => {
    const tag = `{${shared.newPrefix()}}`;
    const logs = createRedisLogs({ redis: shared.redis, tag });
    const stale = await logs.begin("drafts/1/1", "ground\n");
    await stale.write("text\n");
    const next = await logs.begin("drafts/1/1", "ground\n");
    await expect(stale.write("late\n")).rejects.toSatisfy(withCode("lease_lost"));
    await next.write("more\n");
    expect(await logs.read("drafts/1/1")).toBe("ground\ntext\n\nmore\n");
    await logs.removeAll("drafts/1");
    expect(await logs.read("drafts/1/1")).toBeUndefined();
    expect(await shared.redis.keys(`${tag}:*`)).toEqual([]);
  });
});
