import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isInstalled, type Proxy } from "../server/support/proxy.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { connectSse, connectWebSocket, type WireClient } from "../support/wire-client.js";
import { issuer, startBalancer, startNode, type ServedNode } from "./support/cluster.js";

const hasNginx = isInstalled("nginx", "-v");
if (!hasNginx) console.warn("SKIPPED: nginx is not installed (apt-get install nginx-light)");

describe.skipIf(!hasRedis || !hasNginx)(
  "two servers on one Redis, behind nginx without sticky sessions",
  () => {
    let redis: RedisServer;
    let a: ServedNode;
    let b: ServedNode;
    let nginx: Proxy;
    beforeAll(async () => {
      redis = await startRedis({ appendOnly: true });
      const options = {
        rateLimits: {
          perAddress: { connect: null, read: null, write: null },
          perUser: { read: { perMinute: 6, burst: 20 }, connect: null },
        },
      };
      [a, b] = await Promise.all([
        startNode(redis.url, "two", options),
        startNode(redis.url, "two", options),
      ]);
      nginx = await startBalancer([a, b]);
    });
    afterAll(async () => {
      await nginx?.[Symbol.asyncDispose]();
      for (const node of [a, b]) await node?.kill();
      await redis?.[Symbol.asyncDispose]();
    });

    const token = (userId: string, ...scopes: string[]) => issuer.issue({ userId, scopes });
    const call = async (base: string, path: string, as: string, init: RequestInit = {}) => {
      const [userId = "", ...scopes] = as.split(" ");
      const response = await fetch(`${base}${path}`, {
        ...init,
        headers: {
          ...(init.headers as Record<string, string>),
          authorization: `Bearer ${await token(userId, ...scopes)}`,
          "content-type": "application/json",
        },
      });
      const text = await response.text();
      return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
    };
    const post = (
      base: string,
      path: string,
      as: string,
      body: unknown,
      headers: Record<string, string> = {},
    ) => call(base, path, as, { method: "POST", body: JSON.stringify(body), headers });
    // From an operator of each user's own: they share a rate.
    const notify = (base: string, userId: string, title: string) =>
      post(base, "/api/test/notification", `operator-of-${userId} admin`, {
        user_id: userId,
        type: "notification",
        data: { id: title, title, message: "", type: "info" },
      });
    const listen = async (base: string, userId: string, cursor?: string): Promise<WireClient> =>
      connectSse(`${base}/events`, { token: await token(userId), cursor });
    const titles = (client: WireClient) =>
      client.received
        .filter(({ type }) => type === "notification")
        .map(({ data }) => data.title as string);

    it("brings what any node publishes to clients of every node, in one order", async () => {
      await using here = await listen(a.url, "ada");
      await using there = await listen(b.url, "ada");
      await using socket = await connectWebSocket(`${nginx.url.replace("http", "ws")}/ws`, {
        token: await token("ada"),
      });
      for (let n = 0; n < 20; n += 1) {
        expect((await notify([a.url, b.url, nginx.url][n % 3] ?? "", "ada", `${n}`)).status).toBe(
          202,
        );
      }
      const all = Array.from({ length: 20 }, (_, n) => `${n}`);
      for (const client of [here, there, socket])
        await expect.poll(() => titles(client)).toEqual(all);
      // What else is told of her may be on its way to one of them.
      await expect.poll(() => there.cursor === here.cursor).toBe(true);
    });

    it(
      "writes on one node a book that was ordered at another, and shows it at both",
      { timeout: 60_000 },
      async () => {
        await using watcher = await listen(b.url, "bob");
        const made = await post(a.url, "/api/books", "bob", {
          title: "The Tides of Brittany",
          chapters: 2,
        });
        expect(made.status).toBe(202);
        for (;;) {
          const { data } = await watcher.next("book_generation_update");
          expect(data.book_id).toBe(made.json.book_id);
          if (data.status === "completed") break;
          expect(["queued", "processing"]).toContain(data.status);
        }
        for (const base of [a.url, b.url]) {
          expect((await call(base, `/api/books/${made.json.book_id}`, "bob")).json.status).toBe(
            "completed",
          );
        }
      },
    );

    it("makes one book of one Idempotency-Key, however many nodes are asked at once", async () => {
      const asked = await Promise.all(
        Array.from({ length: 6 }, (_, n) =>
          post(
            n % 2 === 0 ? a.url : b.url,
            "/api/books",
            "carl",
            { title: "Once" },
            { "idempotency-key": "k-1" },
          ),
        ),
      );
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(asked.map(({ json }) => json.book_id)).size).toBe(1);
      expect((await call(b.url, "/api/books", "carl")).json.books).toHaveLength(1);
    });

    it("kicks at one node who is connected at the other", async () => {
      await using client = await listen(b.url, "dora");
      await expect.poll(() => a.ask("connected dora")).toBe("true");
      expect(await a.ask("kick dora")).toBe("1");
      expect((await client.next("wire.goodbye")).data).toMatchObject({ reason: "revoked" });
      await expect.poll(() => a.ask("connected dora")).toBe("false");
    });

    it("counts rates together", async () => {
      const passed = async (userId: string): Promise<number> => {
        const asked = await Promise.all(
          Array.from({ length: 40 }, (_, n) =>
            call(n % 2 === 0 ? a.url : b.url, "/api/books", userId),
          ),
        );
        return asked.filter(({ status }) => status === 200).length;
      };
      // On a machine so busy that Redis takes 250 ms each of them counts for itself, as it should: then it is tried once more.
      let round = 0;
      await expect.poll(() => passed(`greedy-${round++}`)).toBeLessThanOrEqual(24);
    });

    it("takes a fresh token for a stream at whichever node it arrives", async () => {
      await using client = await listen(a.url, "eve");
      const id = (await client.next("wire.hello")).data.connection_id as string;
      await expect.poll(() => b.ask("connected eve")).toBe("true");
      for (const base of [a.url, b.url, nginx.url, nginx.url]) {
        expect((await post(base, `/events/${id}/token`, "eve", undefined)).status).toBe(200);
        await client.next("wire.refreshed");
        expect((await post(base, `/events/${id}/token`, "mallory", undefined)).json.code).toBe(
          "not_found",
        );
      }
    });

    it("shows all nodes and their Redis to who operates them", async () => {
      expect((await call(a.url, "/ready", "ada")).json).toEqual({
        status: "ready",
        redis: "connected",
      });
      const { json } = await call(b.url, "/status", "root admin");
      expect(json.redis).toMatchObject({ state: "connected" });
      expect(json.redis.nodes).toHaveLength(2);
      const metrics = await (await fetch(`${a.url}/metrics`)).text();
      expect(metrics).toContain("inkwire_redis_up 1");
      expect(metrics).toContain("inkwire_nodes 2");
    });

    it(
      "stays ready while Redis is away, says what it is, keeps its clients, and recovers by itself",
      { timeout: 60_000 },
      async () => {
        await using client = await listen(nginx.url, "fay");
        await client.next("wire.hello");
        await redis.kill();
        await expect
          .poll(async () => (await call(a.url, "/ready", "ada")).json)
          .toEqual({ status: "degraded", redis: "away" });
        expect((await call(a.url, "/ready", "ada")).status).toBe(200);
        expect((await call(a.url, "/ready?redis=required", "ada")).status).toBe(503);
        expect((await notify(b.url, "fay", "lost")).status).toBe(503);
        await redis.restart();
        await expect
          .poll(async () => (await call(a.url, "/ready", "ada")).json.status)
          .toBe("ready");
        await expect.poll(async () => (await notify(b.url, "fay", "back")).status).toBe(202);
        await expect.poll(() => titles(client)).toContain("back");
        expect(client.received.some(({ type }) => type === "wire.goodbye")).toBe(false);
      },
    );

    it("goes on reading while Redis is full, says why it writes nothing, keeps its clients, and goes on when there is room", async () => {
      const cli = (...words: string[]) =>
        spawnSync("redis-cli", ["-u", redis.url, "config", "set", ...words]);
      await using client = await listen(a.url, "hal");
      await client.next("wire.hello");
      expect((await notify(b.url, "hal", "before")).status).toBe(202);
      cli("maxmemory-policy", "noeviction");
      cli("maxmemory", "1mb");
      expect(await notify(b.url, "hal", "lost")).toMatchObject({
        status: 503,
        json: { code: "disk_full", retryable: true },
      });
      const made = await post(a.url, "/api/books", "hal", { title: "Nowhere to be" });
      expect(made).toMatchObject({ status: 503, json: { code: "disk_full" } });
      for (const { url } of [a, b]) {
        expect((await call(url, "/api/books", "hal")).json.books).toEqual([]);
        expect((await call(url, "/api/notifications", "hal")).status).toBe(200);
        await expect
          .poll(async () => (await call(url, "/ready", "hal")).json)
          .toEqual({ status: "degraded", redis: "full" });
      }
      // Who comes meanwhile is served with what there is.
      await using late = await listen(b.url, "hal");
      expect((await late.next("wire.hello")).data).toMatchObject({ resume: "fresh" });
      cli("maxmemory", "0");
      await expect.poll(async () => (await notify(b.url, "hal", "after")).status).toBe(202);
      await expect.poll(() => titles(client)).toEqual(["before", "after"]);
      await expect.poll(() => titles(late)).toEqual(["after"]);
      expect(client.received.some(({ type }) => type === "wire.goodbye")).toBe(false);
      await expect
        .poll(async () => (await call(a.url, "/status", "root admin")).json.connections.users)
        .toBe(1);
    });

    it(
      "resumes at the other node what a killed one cut off, nothing lost and nothing twice",
      { timeout: 60_000 },
      async () => {
        const first = await listen(nginx.url, "gil");
        await first.next("wire.hello");
        const isAtA = (await call(a.url, "/status", "root admin")).json.connections.total > 0;
        const [dying, living] = isAtA ? [a, b] : [b, a];
        for (let n = 0; n < 10; n += 1) {
          expect((await notify(living.url, "gil", `${n}`)).status).toBe(202);
        }
        await expect.poll(() => titles(first).length).toBe(10);
        await dying.kill();
        await first.ended;
        for (let n = 10; n < 20; n += 1) {
          expect((await notify(living.url, "gil", `${n}`)).status).toBe(202);
        }
        await using second = await listen(nginx.url, "gil", first.cursor);
        expect((await second.next("wire.hello")).data).toMatchObject({ resume: "recovered" });
        await expect
          .poll(() => titles(second))
          .toEqual(Array.from({ length: 10 }, (_, n) => `${n + 10}`));
      },
    );
  },
);
