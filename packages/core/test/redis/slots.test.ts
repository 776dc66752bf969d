import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { hasRedis, startRedis } from "../support/redis-server.js";
import { connectSse } from "../support/wire-client.js";
import { issuer, startNode } from "./support/cluster.js";

it.skipIf(!hasRedis)(
  "keeps all of a service in one slot of a Redis Cluster, from a book to who is connected",
  { timeout: 60_000 },
  async () => {
    await using server = await startRedis({ isCluster: true });
    const node = await startNode(server.url, "one-slot");
    const token = await issuer.issue({ userId: "ada" });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    await using client = await connectSse(`${node.url}/events`, { token });
    const made = await fetch(`${node.url}/api/books`, {
      method: "POST",
      headers: { ...headers, "idempotency-key": "once" },
      body: JSON.stringify({ title: "Slots", chapters: 2, words: 300 }),
    });
    expect(made.status).toBeLessThan(300);
    while ((await client.next("book_generation_update")).data["status"] !== "completed");

    const redis = new Redis(server.url);
    // It is one that minds.
    await expect(redis.mset("a", "1", "b", "2")).rejects.toThrow("CROSSSLOT");
    const keys = await redis.keys("*");
    const slots = await Promise.all(keys.map((key) => redis.cluster("KEYSLOT", key)));
    expect(keys.length).toBeGreaterThan(10);
    expect(new Set(slots).size).toBe(1);
    redis.disconnect();
    await node.kill();
  },
);
