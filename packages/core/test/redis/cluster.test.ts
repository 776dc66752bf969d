import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis, type RedisPrimary } from "../../src/redis/index.js";
import { startRedisCluster, type RedisCluster } from "../support/redis-cluster.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { connectSse, type WireClient } from "../support/wire-client.js";
import { issuer, startNode, type ServedNode } from "./support/cluster.js";

const PASSWORD = "hunter-2-of-the-cluster";
const urlOf = ({ url }: RedisServer, who = `:${PASSWORD}`) => url.replace("//", `//${who}@`);

describe.skipIf(!hasRedis)("a Redis Cluster of three primaries", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ password: PASSWORD });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it("leads to the primary of the prefix, whichever server is asked, and when one of several is not there", async () => {
    const slot = await cluster.slotOf("books");
    const { port } = await cluster.ownerOf(slot);
    const nobody = await startRedis();
    await nobody.kill();
    for (const url of [
      ...cluster.primaries.map((server) => urlOf(server)),
      `${urlOf(nobody)},127.0.0.1:${cluster.primaries[1]?.port}`,
    ]) {
      const found: RedisPrimary[] = [];
      const onPrimary = (primary: RedisPrimary) => found.push(primary);
      const redis = await openRedis(url, { prefix: "books", onPrimary });
      const listener = redis.duplicate();
      expect(await redis.set("{books}:asked", url)).toBe("OK");
      expect(await listener.get("{books}:asked")).toBe(url);
      expect(found).toEqual([{ host: "127.0.0.1", port, by: "cluster", slot }]);
      listener.disconnect();
      redis.disconnect();
    }
    await nobody[Symbol.asyncDispose]();
  });

  it("lets in a user of an ACL who may ask where the slot is, and names the reason to others", async () => {
    const allowed = "on >secret ~{books}* &* +@all -@admin -@dangerous +info".split(" ");
    const found = ["+cluster|slots", "+cluster|keyslot"];
    for (const server of cluster.primaries) {
      await cluster.clientAt(server).call("ACL", "SETUSER", "app", ...allowed, ...found);
      await cluster.clientAt(server).call("ACL", "SETUSER", "blind", ...allowed, "-cluster");
    }
    const [one] = cluster.primaries as [RedisServer];
    const redis = await openRedis(urlOf(one, "app:secret"), { prefix: "books" });
    expect(await redis.set("{books}:by", "app")).toBe("OK");
    redis.disconnect();
    for (const who of ["blind:secret", `:not-${PASSWORD}`]) {
      const options = { prefix: "books", startTimeoutMs: 500 };
      const error = await openRedis(urlOf(one, who), options).catch((cause: unknown) => cause);
      expect(error).toMatchObject({
        code: "storage_failed",
        hint: expect.stringContaining("check the user and the password"),
      });
      expect(`${(error as Error).stack} ${String((error as Error).cause)}`).not.toMatch(
        /secret|hunter/,
      );
    }
  });

  it("keeps a service whole while its slot moves to another primary, from a book to who is connected", async () => {
    const slot = await cluster.slotOf("moving");
    const [url = ""] = cluster.primaries.map((server) => urlOf(server));
    const starting = [startNode(url, "moving"), startNode(cluster.url, "moving")] as const;
    await using a = await starting[0];
    await using b = await starting[1];
    const token = await issuer.issue({ userId: "ada" });
    await using here = await connectSse(`${a.url}/events`, { token });
    await using there = await connectSse(`${b.url}/events`, { token });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const made = await fetch(`${a.url}/api/books`, {
      method: "POST",
      headers: { ...headers, "idempotency-key": "once" },
      body: JSON.stringify({ title: "Slots", chapters: 2, words: 300 }),
    });
    expect(made.status).toBeLessThan(300);

    const before = await cluster.ownerOf(slot);
    const after = cluster.primaries.find((server) => server !== before) ?? before;
    const state = { isMoving: true };
    const moved = cluster.move(slot, after, () => sleep(20)).then(() => (state.isMoving = false));
    // Each without waiting for the one before it.
    const publish = async (node: ServedNode, name: string) => {
      const answers: Promise<string | undefined>[] = [];
      for (let n = 0; state.isMoving || n < 40; n += 1) {
        answers.push(node.ask(`publish ada ${name}${n}`));
        await sleep(10);
      }
      return (await Promise.all(answers)).map((answer) => answer?.replace("yes ", ""));
    };
    const sent = await Promise.all([publish(a, "a"), publish(b, "b")]);
    await moved;

    const titles = ({ received }: WireClient) =>
      received.flatMap(({ type, data }) => (type === "system_notification" ? [data.title] : []));
    for (const client of [here, there]) {
      await expect.poll(() => titles(client)).toHaveLength(sent.flat().length);
      for (const [at, name] of ["a", "b"].entries()) {
        const own = titles(client).filter((title: string) => title.startsWith(name));
        expect(own).toEqual(Array.from(sent[at] ?? [], (_, n) => `${name}${n}`));
        expect(own).toEqual(sent[at]);
      }
      while ((await client.next("book_generation_update")).data.status !== "completed");
      expect(client.received.filter(({ type }) => type === "wire.reset")).toEqual([]);
    }
    expect(titles(there)).toEqual(titles(here));
    for (const node of [a, b]) await expect.poll(() => node.ask("count")).toBe("2");
    for (const node of [a, b]) await node.kill();
    const keys = await Promise.all(
      cluster.primaries.map(async (server) => {
        const redis = cluster.clientAt(server);
        // It is one that minds.
        await expect(redis.mset("a", "1", "b", "2")).rejects.toThrow("CROSSSLOT");
        const found = await redis.keys("{moving}*");
        const slots = await Promise.all(found.map((key) => redis.cluster("KEYSLOT", key)));
        return { server, slots };
      }),
    );
    for (const { server, slots } of keys) {
      expect(new Set(slots)).toEqual(new Set(server === after ? [slot] : []));
      if (server === after) expect(slots.length).toBeGreaterThan(10);
    }
  });

  it("says at the start that a cluster is down, or has no server for the slot", async () => {
    await using server = await startRedis({ isCluster: true, slots: null });
    const refusal = () =>
      openRedis(server.url, { startTimeoutMs: 1_000 }).catch((error: unknown) => error);
    expect(await refusal()).toMatchObject({
      code: "storage_failed",
      hint: expect.stringContaining("redis-cli --cluster check"),
      cause: expect.objectContaining({ message: expect.stringContaining("has slot 14036") }),
    });
    const client = new Redis(server.url);
    await client.cluster("ADDSLOTS", 14_036);
    client.disconnect();
    expect(await refusal()).toMatchObject({
      code: "storage_failed",
      hint: expect.stringContaining("The Redis Cluster is down"),
    });
  });

  it("is not mistaken for what it is not", async () => {
    const [one = ""] = cluster.primaries.map((server) => urlOf(server));
    await expect(openRedis(`${one}/2`)).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("database 0"),
    });
    await using alone = await startRedis();
    await expect(openRedis(`${alone.url},localhost:${alone.port}`)).rejects.toMatchObject({
      code: "invalid_option",
      hint: expect.stringContaining("sentinel"),
    });
    // The keys of another prefix are elsewhere, which the error says.
    const redis = await openRedis(one);
    await expect(redis.get("{another-prefix-in-a-slot-of-another-server}")).rejects.toThrow(
      "MOVED",
    );
    redis.disconnect();
  });
});
