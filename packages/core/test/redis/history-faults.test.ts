import { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hasRedis, startRedis } from "../support/redis-server.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { openNode, topics, type TestNode } from "./support/nodes.js";

/** Publishes until it is done, as an application would that is told to try again. */
async function insist(node: TestNode, n: number): Promise<void> {
  for (;;) {
    try {
      await node.publish("all", n);
      return;
    } catch (error) {
      if ((error as { retryable?: boolean }).retryable !== true) throw error;
      await sleep(50);
    }
  }
}

function clientOf(url: string): Redis & Disposable {
  const redis = new Redis(url);
  redis.on("error", () => {});
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() });
}

const count = (length: number, from = 0) => Array.from({ length }, (_, index) => from + index);

describe.skipIf(!hasRedis)("a history whose Redis", () => {
  it("is killed and comes back with all it had goes on, nothing lost or doubled", async () => {
    await using server = await startRedis({ appendOnly: true });
    await using a = await openNode(server.port);
    await using b = await openNode(server.port);
    const { epoch } = a.history;
    const published = (async () => {
      for (const n of count(300)) {
        await insist(n % 2 === 0 ? a : b, n);
        if (n % 10 === 0) await sleep(1);
      }
    })();
    await expect.poll(() => a.heard.length).toBeGreaterThan(50);
    await server.restart();
    await published;
    for (const node of [a, b]) {
      await expect.poll(() => node.numbers()).toEqual(count(300));
      expect(node.history.epoch).toBe(epoch);
      expect(node.breaks).toEqual([]);
    }
  });

  it("comes back empty begins a new epoch, and tells everybody who had the old one", async () => {
    await using server = await startRedis();
    await using a = await openNode(server.port);
    await using b = await openNode(server.port);
    const { id } = await a.publish("all", 1);
    await expect.poll(() => b.numbers()).toEqual([1]);
    await server.restart();
    await expect.poll(() => [a.breaks, b.breaks]).toEqual([[undefined], [undefined]]);
    await expect.poll(() => a.history.epoch === b.history.epoch).toBe(true);
    for (const { history } of [a, b]) {
      expect((await history.replay(topics("all"), id)).verdict).toBe("reset");
    }
    await a.publish("all", 2);
    await expect.poll(() => b.numbers()).toEqual([1, 2]);
  });

  it("is emptied begins a new epoch, whether or not somebody publishes", async () => {
    await using server = await startRedis();
    using redis = clientOf(server.url);
    await using a = await openNode(server.port);
    await using b = await openNode(server.port);
    await a.publish("all", 1);
    await expect.poll(() => b.numbers()).toEqual([1]);
    await redis.flushall();
    await a.publish("all", 2);
    await expect.poll(() => b.numbers()).toEqual([1, 2]);
    expect(b.history.head()).toBe(a.history.head());
    expect(b.history.head()).toMatch(/\.1$/);
    await redis.flushall();
    await expect.poll(() => [a.breaks.length, b.breaks.length]).toEqual([2, 2]);
    expect(b.history.head()).toBe(a.history.head());
  });

  it("goes back in time is not followed, also when its numbers have overtaken what was seen", async () => {
    await using server = await startRedis();
    using redis = clientOf(server.url);
    const proxy = await startTcpProxy(server.port);
    await using a = await openNode(proxy.port);
    await a.publish("all", 1);
    await redis.save();
    const { id } = await a.publish("all", "lost with the crash");
    await a.publish("all", "lost too");
    proxy.sever();
    await server.restart();
    // Another node knows nothing of that, and goes on where this Redis is.
    await using b = await openNode(server.port);
    for (const n of count(5, 10)) await b.publish("all", n);
    expect(b.history.epoch).toBe(id.split(".")[0]);
    proxy.mend();
    await expect.poll(() => a.history.epoch).not.toBe(id.split(".")[0]);
    await expect.poll(() => b.history.epoch).toBe(a.history.epoch);
    expect(a.breaks).toEqual([undefined]);
    expect(b.breaks).toEqual([undefined]);
    expect((await b.history.replay(topics("all"), id)).verdict).toBe("reset");
    await a.publish("all", 20);
    await expect.poll(() => b.numbers().at(-1)).toBe(20);
    await proxy[Symbol.asyncDispose]();
  });

  it("is full refuses to publish with an error that says so, and goes on when there is room", async () => {
    await using server = await startRedis();
    using redis = clientOf(server.url);
    await using a = await openNode(server.port);
    await a.publish("all", 1);
    await redis.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1mb");
    await expect(a.publish("all", 2)).rejects.toMatchObject({ code: "disk_full", retryable: true });
    expect((await a.history.replay(topics("all"), `${a.history.epoch}.0`)).verdict).toBe(
      "recovered",
    );
    await redis.config("SET", "maxmemory", "0");
    await a.publish("all", 3);
    expect(a.heard.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(a.numbers()).toEqual([1, 3]);
  });

  it("stands still refuses within bounds, and appends nothing of what was refused", async () => {
    await using server = await startRedis();
    await using a = await openNode(server.port, { publishTimeoutMs: 300 });
    await a.publish("all", 1);
    process.kill(server.pid, "SIGSTOP");
    const from = performance.now();
    const results = await Promise.allSettled(count(20).map((n) => a.publish("all", `late ${n}`)));
    expect(performance.now() - from).toBeLessThan(10_000);
    for (const result of results)
      expect(result).toMatchObject({ status: "rejected", reason: { code: "storage_failed" } });
    process.kill(server.pid, "SIGCONT");
    await insist(a, 2);
    await sleep(100);
    expect(a.numbers()).toEqual([1, 2]);
  });
});

describe.skipIf(!hasRedis)("a history whose wire to Redis", () => {
  it("breaks after an append and before its answer has the message once", async () => {
    await using server = await startRedis();
    await using proxy = await startTcpProxy(server.port);
    await using a = await openNode(proxy.port);
    await using b = await openNode(server.port);
    for (const n of count(12)) {
      if (n % 2 === 1)
        proxy.loseAnswers(1, (request) => /eval/i.test(request) && request.includes("note"));
      await a.publish("all", n);
    }
    expect(proxy.lost).toBe(6);
    for (const node of [a, b]) {
      await expect.poll(() => node.numbers()).toEqual(count(12));
      expect(node.heard.map(({ seq }) => seq)).toEqual(count(12, 1));
    }
  });

  it("breaks again and again loses, doubles and reorders nothing", async () => {
    await using server = await startRedis();
    await using proxy = await startTcpProxy(server.port);
    await using a = await openNode(proxy.port);
    await using b = await openNode(server.port);
    const cutting = setInterval(() => proxy.cut(), 80);
    for (const n of count(60)) {
      await insist(a, n);
      await b.publish("user/2", "b");
    }
    clearInterval(cutting);
    await expect.poll(() => a.heard.length).toBe(120);
    expect(a.heard.map(({ json }) => json)).toEqual(b.heard.map(({ json }) => json));
    expect(a.numbers().filter((n) => n !== "b")).toEqual(count(60));
    expect(a.breaks).toEqual([]);
  });

  it("is silent for a while serves who comes back from here, and catches up", async () => {
    await using server = await startRedis();
    await using proxy = await startTcpProxy(server.port);
    await using a = await openNode(proxy.port, { publishTimeoutMs: 300 });
    await using b = await openNode(server.port);
    const { id } = await a.publish("all", 1);
    await a.publish("all", 2);
    proxy.hold();
    await expect(a.publish("all", "refused")).rejects.toMatchObject({ retryable: true });
    for (const n of count(50, 3)) await b.publish("all", n);
    const replay = await a.history.replay(topics("all"), id);
    expect(replay).toMatchObject({ verdict: "recovered", headSeq: 2 });
    proxy.mend();
    await expect.poll(() => a.numbers()).toEqual(count(52, 1));
    expect(a.breaks).toEqual([]);
  });

  it("is cut for longer than the history reaches names who missed something, and nobody else", async () => {
    await using server = await startRedis();
    await using proxy = await startTcpProxy(server.port);
    const bounds = { maxMessages: 20 };
    await using a = await openNode(proxy.port, bounds);
    await using b = await openNode(server.port, bounds);
    const { id } = await a.publish("user/1", 0);
    proxy.sever();
    for (const n of count(100, 1)) await b.publish("book/7", n);
    proxy.mend();
    await expect.poll(() => a.history.head()).toBe(b.history.head());
    expect(a.breaks).toEqual([["book/7"]]);
    expect((await a.history.replay(topics("book/7"), id)).verdict).toBe("gap");
    expect((await a.history.replay(topics("user/1"), id)).verdict).toBe("recovered");
    expect(a.numbers().at(-1)).toBe(100);
  });
});
