import { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../support/random.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { openNode, topics } from "./support/nodes.js";

const topicOf = (n: number) => `user/${n}` as const;

describe.skipIf(!hasRedis)("several nodes with one history", () => {
  let server: RedisServer;
  let redis: Redis;
  let place = 0;
  beforeAll(async () => {
    server = await startRedis({ isCluster: true });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server[Symbol.asyncDispose]();
  });
  const openNodes = async (count: number, options = {}) => {
    const prefix = `nodes-${place++}`;
    const nodes = await Promise.all(
      Array.from({ length: count }, () => openNode(server.port, { prefix, ...options })),
    );
    return { prefix, nodes: nodes as [Node, Node, ...Node[]] };
  };
  type Node = Awaited<ReturnType<typeof openNode>>;
  const close = (nodes: readonly Node[]) =>
    Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));

  it("hear one order without a hole, whoever publishes, each publisher's own in its order", async () => {
    const seed = Number(process.env["INKWIRE_SOAK_SEED"] ?? Date.now());
    console.log(`seed ${seed}`);
    const random = createRandom(seed);
    const { nodes } = await openNodes(3);
    const sent = nodes.map(() => [] as number[]);
    const published: Promise<unknown>[] = [];
    for (let n = 0; n < 3_000; n += 1) {
      const at = Math.floor(random() * nodes.length);
      sent[at]?.push(n);
      published.push(nodes[at]!.publish(topicOf(n % 7), n));
      if (random() < 0.02) await sleep(random() * 3);
    }
    await Promise.all(published);
    for (const node of nodes) {
      await expect.poll(() => node.heard.length).toBe(3_000);
      expect(node.heard.map(({ seq }) => seq)).toEqual(node.heard.map((_, index) => index + 1));
      expect(node.heard.map(({ json }) => json)).toEqual(nodes[0].heard.map(({ json }) => json));
      expect(node.breaks).toEqual([]);
    }
    for (const own of sent) {
      const set = new Set(own);
      expect(nodes[0].numbers().filter((n) => set.has(n as number))).toEqual(own);
    }
    await close(nodes);
  });

  it("gives the publisher its message when its own readers have had it, and all before it", async () => {
    const { nodes } = await openNodes(2);
    const [a, b] = nodes;
    await Promise.all([
      ...Array.from({ length: 50 }, (_, n) => b.publish("all", n)),
      (async () => {
        for (let n = 0; n < 50; n += 1) {
          const { seq } = await a.publish("all", n);
          expect(a.heard.map((envelope) => envelope.seq).slice(-1)[0]).toBeGreaterThanOrEqual(seq);
          expect(a.heard).toHaveLength(a.heard.at(-1)!.seq);
        }
      })(),
    ]);
    await close(nodes);
  });

  it("goes on anywhere with a cursor of anywhere, also one that this node has not reached", async () => {
    const { nodes, prefix } = await openNodes(2);
    const [a, b] = nodes;
    const ids: string[] = [];
    for (let n = 0; n < 20; n += 1) ids.push((await a.publish("all", n)).id);
    // B may be behind: it has to wait, not to say reset.
    expect((await b.history.replay(topics("all"), ids[19])).verdict).toBe("recovered");
    const late = await openNode(server.port, { prefix });
    const replay = await late.history.replay(topics("all"), ids[4]);
    expect(replay.verdict).toBe("recovered");
    expect(replay.envelopes.map(({ id }) => id)).toEqual(ids.slice(5));
    expect(late.heard).toEqual([]);
    expect((await b.history.replay(topics("all"), `${b.history.epoch}.21`)).verdict).toBe("reset");
    await close([...nodes, late]);
  });

  it("tells a node that comes later what was let go of before, by topic and delivery class", async () => {
    const { nodes, prefix } = await openNodes(1, { maxMessages: 20 });
    const [a] = nodes;
    await a.publish("user/1", 1);
    await a.publish("user/2", 1, "place");
    await a.publish("user/3", 1, "blink");
    for (let n = 0; n < 60; n += 1) await a.publish("book/7", n);
    await a.publish("user/2", 2, "place");
    const late = await openNode(server.port, { prefix, maxMessages: 20 });
    for (const { history } of [a, late]) {
      const of = async (name: "user/1" | "user/2" | "user/3" | "book/7") =>
        (await history.replay(topics(name), `${history.epoch}.0`)).verdict;
      expect(await of("user/1")).toBe("gap");
      // Its newest is there, which says all that the older one did; and nobody is owed what is ephemeral.
      if (history === late.history) expect(await of("user/3")).toBe("recovered");
      expect(await of("book/7")).toBe("gap");
    }
    expect(await redis.xlen(`{${prefix}}:history:stream`)).toBeLessThanOrEqual(22);
    await close([...nodes, late]);
  });

  it("lets go of what is too old, and says so", async () => {
    const { nodes, prefix } = await openNodes(2, { maxAgeMs: 300 });
    const [a, b] = nodes;
    const { id } = await a.publish("user/1", 1);
    await a.publish("user/1", 2);
    await expect.poll(() => redis.xlen(`{${prefix}}:history:stream`)).toBe(0);
    await expect
      .poll(async () => (await b.history.replay(topics("user/1"), id)).verdict)
      .toBe("gap");
    expect((await b.history.replay(topics("user/2"), id)).verdict).toBe("recovered");
    expect(b.history.head()).toBe(a.history.head());
    await b.publish("user/1", 3);
    await expect.poll(() => a.numbers()).toEqual([1, 2, 3]);
    await close(nodes);
  });

  it("passes over what it can't read, counts it as lost, and goes on", async () => {
    const { nodes, prefix } = await openNodes(2);
    const [a, b] = nodes;
    const stream = `{${prefix}}:history:stream`;
    const first = await a.publish("user/1", 1);
    const rest = `"topic":"user/1","time":"2026-11-25T00:00:00.000Z"`;
    const bad = [
      ["t", "user/1", "c", "d", "k", "", "m", "{", "b", "x.1.0"],
      ["t", "user/1", "m", `{"type":"note",${rest},"data":{"__proto__":{"admin":1}}}`, "b", "x.2"],
      ["t", "user/1", "m", `{"id":"evil.1","type":"note",${rest},"data":{}}`, "b", "x.3"],
      ["t", "user/2", "m", `{"type":"note",${rest},"data":{}}`, "b", "x.4"],
      ["t", "user/1", "m", `{"type":"note",${rest},"data":${"[".repeat(9_000)}`, "b", "x.5"],
      ["t", "user/1", "m", `{"type":"wire.hello",${rest},"data":{}}`, "b", "x.6"],
      ["odd", "names"],
      ["t", "\r\n\r\nevent: x", "m", "null"],
    ];
    for (const [index, fields] of bad.entries()) {
      const seq = index + 2;
      await redis
        .multi()
        .xadd(stream, `${seq}-1`, ...fields)
        .hset(`{${prefix}}:history`, "seq", seq)
        .exec();
    }
    await b.publish("user/3", "still there");
    for (const node of nodes) {
      await expect.poll(() => node.numbers()).toEqual([1, "still there"]);
      expect(node.problems.length).toBeGreaterThanOrEqual(bad.length);
      const { verdict, gaps } = await node.history.replay(topics("user/1"), first.id);
      expect([verdict, gaps]).toEqual(["gap", ["user/1"]]);
      expect(node.breaks).toContainEqual(["user/2"]);
    }
    await close(nodes);
  });

  it("counts what somebody took out of the middle as lost for all", async () => {
    const { nodes, prefix } = await openNodes(1);
    const [a] = nodes;
    for (let n = 0; n < 5; n += 1) await a.publish(topicOf(n), n);
    const [third] = await redis.xrange(`{${prefix}}:history:stream`, 3, 3);
    await redis.xdel(`{${prefix}}:history:stream`, third?.[0] ?? "");
    const late = await openNode(server.port, { prefix });
    const { history } = late;
    const of = async (n: number, seq: number) =>
      (await history.replay(topics(topicOf(n)), `${history.epoch}.${seq}`)).verdict;
    expect(await of(2, 2)).toBe("gap");
    expect(await of(2, 3)).toBe("recovered");
    await close([...nodes, late]);
  });
});
