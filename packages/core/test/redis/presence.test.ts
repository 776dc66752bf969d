import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisPresence, type RedisPresence } from "../../src/redis/presence.js";
import { joinPeers } from "../../src/transports/join-peers.js";
import type { Connections } from "../../src/transports/types.js";
import {
  startGatewayServer,
  type GatewayServer,
  type GatewayServerOptions,
} from "../support/gateway-server.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { Refused } from "../support/wire-client.js";

const BEAT_MS = 50;
const TTL_MS = 1_000;

function tokenIdOf(token: string): string {
  const [, claims = ""] = token.split(".");
  return (JSON.parse(Buffer.from(claims, "base64url").toString()) as { jti: string }).jti;
}

interface TestNode extends AsyncDisposable {
  readonly server: GatewayServer;
  readonly peers: RedisPresence;
  readonly connections: Connections;
  /** Is there no more, without a word. */
  die(): Promise<void>;
}

describe.skipIf(!hasRedis)("the nodes of a Redis", () => {
  let redisServer: RedisServer;
  let place = 0;
  beforeAll(async () => {
    redisServer = await startRedis({ isCluster: true });
  });
  afterAll(async () => redisServer[Symbol.asyncDispose]());

  const openNode = async (
    prefix: string,
    options: GatewayServerOptions = {},
    url = redisServer.url,
  ): Promise<TestNode> => {
    const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 1 });
    redis.on("error", () => {});
    const peers = createRedisPresence({ redis, prefix, beatMs: BEAT_MS, ttlMs: TTL_MS });
    const server = await startGatewayServer("sse-node", {
      realClock: true,
      peers,
      uuid: () => `${peers.nodeId}.${crypto.randomUUID()}`,
      ...options,
    });
    const connections = await joinPeers(server.gateway, peers);
    return {
      server,
      peers,
      connections,
      async die() {
        redis.disconnect();
        await server[Symbol.asyncDispose]();
      },
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await peers.leave();
        redis.disconnect();
      },
    };
  };
  const openTwo = async (options?: GatewayServerOptions) => {
    const prefix = `place-${place++}`;
    return { prefix, a: await openNode(prefix, options), b: await openNode(prefix, options) };
  };

  it("sees who is connected anywhere, and who has gone", async () => {
    const { prefix, a, b } = await openTwo();
    await using ada = await a.server.connect("ada", {
      topics: ["book/7"],
      token: await a.server.token("ada", { topics: ["book/7"] }),
    });
    await using _here = await b.server.connect("bob");
    await using there = await a.server.connect("bob");
    await expect.poll(() => b.connections.isUserConnected("ada")).toBe(true);
    await expect
      .poll(() => b.connections.counts)
      .toEqual({ total: 3, sse: 3, websocket: 0, users: 2 });
    expect(b.connections.of("ada")).toEqual(a.connections.of("ada"));
    expect(b.connections.of("ada")[0]?.topics).toEqual(["user/ada", "all", "book/7"]);
    // One that comes later knows at once.
    const late = await openNode(prefix);
    expect(late.connections.counts).toMatchObject({ total: 3, users: 2 });
    expect(
      late.peers
        .nodes()
        .map(({ connections }) => connections)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1, 2]);
    there.close();
    ada.close();
    await expect.poll(() => late.connections.isUserConnected("ada")).toBe(false);
    await expect.poll(() => late.connections.counts).toMatchObject({ total: 1, users: 1 });
    await late[Symbol.asyncDispose]();
    await expect.poll(() => a.peers.nodes().length).toBe(2);
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it("forgets the connections of a dead node, and no others", async () => {
    const { a, b } = await openTwo();
    await using _ada = await a.server.connect("ada");
    await using _bob = await b.server.connect("bob");
    await expect.poll(() => b.connections.counts.total).toBe(2);
    await a.die();
    await expect.poll(() => b.connections.isUserConnected("ada")).toBe(false);
    expect(b.connections.counts).toMatchObject({ total: 1, users: 1 });
    await b[Symbol.asyncDispose]();
  });

  it("kicks a user at every node", async () => {
    const { a, b } = await openTwo();
    await using one = await a.server.connect("ada");
    await using two = await b.server.connect("ada");
    await using bob = await b.server.connect("bob");
    await expect.poll(() => a.connections.of("ada").length).toBe(2);
    expect(a.connections.kick("ada")).toBe(2);
    for (const client of [one, two]) {
      expect((await client.next("wire.goodbye")).data).toMatchObject({
        reason: "revoked",
        reconnect: false,
      });
    }
    await expect.poll(() => b.connections.counts).toMatchObject({ total: 1, users: 1 });
    expect(bob.received.some(({ type }) => type === "wire.goodbye")).toBe(false);
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it("refuses a revoked token at every node, those that start later and after a Redis that forgot", async () => {
    const { prefix, a, b } = await openTwo();
    const token = await a.server.token("ada");
    const id = tokenIdOf(token);
    await using client = await b.server.connect("ada", { token });
    a.connections.revoke(id, Date.now() + 60_000);
    a.connections.revoke("t-2", Date.now() - 1);
    expect((await client.next("wire.goodbye")).data).toMatchObject({ reason: "revoked" });
    await expect.poll(() => b.peers.isRevoked(id)).toBe(true);
    const forgetful = new Redis(redisServer.url);
    const late = await openNode(prefix);
    expect([late.peers.isRevoked(id), late.peers.isRevoked("t-2")]).toEqual([true, false]);
    await forgetful.del(`{${prefix}}:revoked`, `{${prefix}}:nodes`, `{${prefix}}:nodes:versions`);
    await expect.poll(() => forgetful.zcard(`{${prefix}}:revoked`)).toBe(1);
    await using _bob = await late.server.connect("bob");
    await expect.poll(() => a.connections.isUserConnected("bob")).toBe(true);
    forgetful.disconnect();
    for (const node of [a, b, late]) await node[Symbol.asyncDispose]();
  });

  it("refreshes a connection by way of another node, with the same answers", async () => {
    const { a, b } = await openTwo();
    await using client = await a.server.connect("ada");
    const id = (await client.next("wire.hello")).data.connection_id;
    await expect.poll(() => b.connections.isUserConnected("ada")).toBe(true);
    const until = Date.now() + 7_200_000;
    const fresh = await b.server.token("ada", { ttlMs: 7_200_000 });
    const { expiresAt } = await b.server.gateway.refresh(id, fresh);
    expect(Math.abs(expiresAt - until)).toBeLessThan(60_000);
    expect((await client.next("wire.refreshed")).data.expires_at).toBe(
      new Date(expiresAt).toISOString(),
    );
    await expect(b.server.gateway.refresh(id, await b.server.token("eve"))).rejects.toMatchObject({
      code: "not_found",
    });
    for (const unknown of [`${a.peers.nodeId}.${crypto.randomUUID()}`, "000000000000.x", "", "x"]) {
      await expect(b.server.gateway.refresh(unknown, fresh)).rejects.toMatchObject({
        code: "not_found",
      });
    }
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it("replaces the oldest of a user over all nodes", async () => {
    const { a, b } = await openTwo({ maxConnectionsPerUser: 2, onUserLimit: "replace_oldest" });
    await using oldest = await a.server.connect("ada");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await using second = await b.server.connect("ada");
    await expect.poll(() => b.connections.of("ada").length).toBe(2);
    await using third = await b.server.connect("ada");
    expect((await oldest.next("wire.goodbye")).data).toMatchObject({ reason: "replaced" });
    await expect
      .poll(() => [a, b].map(({ connections }) => connections.of("ada").length))
      .toEqual([2, 2]);
    for (const client of [second, third]) {
      expect(client.received.some(({ type }) => type === "wire.goodbye")).toBe(false);
    }
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it("refuses the newest of a user over all nodes, also those that two let in at once", async () => {
    const { a, b } = await openTwo({ maxConnectionsPerUser: 2 });
    await using _one = await a.server.connect("ada");
    await using _two = await b.server.connect("ada");
    await expect
      .poll(() => [a, b].map(({ connections }) => connections.of("ada").length))
      .toEqual([2, 2]);
    await expect(b.server.connect("ada")).rejects.toBeInstanceOf(Refused);
    // Before either has told the other.
    const clients = await Promise.all(
      [a, a, b, b].map(({ server }) => server.connect("bob").catch(() => undefined)),
    );
    await expect
      .poll(() => [a, b].map(({ connections }) => connections.of("bob").length))
      .toEqual([2, 2]);
    await expect
      .poll(() =>
        [a, b]
          .map(({ server }) => server.gateway.connections.of("bob").length)
          .reduce((x, y) => x + y),
      )
      .toBe(2);
    for (const client of clients) client?.close();
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it(
    "does what it missed while it was cut off: openings, endings, kicks and revoked tokens",
    { timeout: 30_000 },
    async () => {
      await using proxy = await startTcpProxy(redisServer.port);
      const prefix = `place-${place++}`;
      const a = await openNode(prefix);
      const cutOff = await openNode(prefix, {}, `redis://127.0.0.1:${proxy.port}`);
      await using kicked = await cutOff.server.connect("ada");
      const token = await a.server.token("bob");
      await using revoked = await cutOff.server.connect("bob", { token });
      const stays = await a.server.connect("carl");
      await expect.poll(() => a.connections.counts.total).toBe(3);
      await expect.poll(() => cutOff.connections.counts.total).toBe(3);
      proxy.sever();
      await expect.poll(() => cutOff.peers.health().state).toBe("away");
      // Both keep what they have themselves, and drop what they hear nothing of.
      await expect.poll(() => a.connections.counts.total).toBe(1);
      await expect.poll(() => cutOff.connections.counts.total).toBe(2);
      a.connections.kick("ada");
      a.connections.revoke(tokenIdOf(token));
      stays.close();
      await using _late = await cutOff.server.connect("dora");
      await new Promise((resolve) => setTimeout(resolve, 100));
      proxy.mend();
      expect((await kicked.next("wire.goodbye")).data).toMatchObject({ reason: "revoked" });
      expect((await revoked.next("wire.goodbye")).data).toMatchObject({ reason: "revoked" });
      await expect.poll(() => cutOff.peers.isRevoked(tokenIdOf(token))).toBe(true);
      await expect.poll(() => a.connections.isUserConnected("dora")).toBe(true);
      await expect.poll(() => a.connections.counts).toMatchObject({ total: 1, users: 1 });
      expect(cutOff.connections.counts).toMatchObject({ total: 1, users: 1 });
      expect(cutOff.peers.health().state).toBe("connected");
      await a[Symbol.asyncDispose]();
      await cutOff[Symbol.asyncDispose]();
    },
  );

  it("agrees on many who come and go at once", async () => {
    const { a, b } = await openTwo({ maxConnectionsPerUser: 1_000 });
    const clients = await Promise.all(
      Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? a : b).server.connect(`user-${n % 50}`)),
    );
    await expect
      .poll(() => [a, b].map(({ connections }) => connections.counts))
      .toEqual([a, b].map(() => ({ total: 100, sse: 100, websocket: 0, users: 50 })));
    for (const client of clients.slice(0, 70)) client.close();
    await expect
      .poll(() => [a, b].map(({ connections }) => connections.counts.total))
      .toEqual([30, 30]);
    for (const client of clients) client.close();
    await expect.poll(() => a.connections.counts.users + b.connections.counts.users).toBe(0);
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });

  it("passes over words that it does not understand", async () => {
    const { prefix, a, b } = await openTwo();
    const stranger = new Redis(redisServer.url);
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      '{"is":"dance"}',
      '{"is":"delta","node":"x","from":0,"to":1,"opened":[],"closed":[]}',
      '{"is":"renewed","to":"x"}',
    ]) {
      await stranger.publish(`{${prefix}}:nodes`, text);
    }
    await using _ada = await a.server.connect("ada");
    await expect.poll(() => b.connections.isUserConnected("ada")).toBe(true);
    stranger.disconnect();
    await a[Symbol.asyncDispose]();
    await b[Symbol.asyncDispose]();
  });
});
