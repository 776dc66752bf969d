import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hasRedis, startRedis } from "../support/redis-server.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { tempDirectory } from "../support/temp-directory.js";
import { connectSse, type WireClient } from "../support/wire-client.js";
import { issuer, startNode, type ServedNode } from "./support/cluster.js";

/** `INKWIRE_AWAY_MS=300000` for the five minutes of the documentation. */
const AWAY_MS = Number(process.env["INKWIRE_AWAY_MS"] ?? 60_000);
const CLIENTS = 100;
/** Between two messages, and two requests, at each node. */
const EVERY_MS = 50;
const CHAPTERS = 6;

/** Counts of how something was answered. */
type Tally = Record<string, number>;

describe.skipIf(!hasRedis)(`a Redis that is away for ${AWAY_MS / 1_000} s`, () => {
  it(
    "is missed and not waited for: clients stay, what is asked is refused in time, nothing piles up, and all goes on by itself",
    { timeout: AWAY_MS + 180_000 },
    async () => {
      using folder = tempDirectory();
      const journal = `${folder.path}/bought`;
      await using redis = await startRedis({ appendOnly: true });
      const options = { connections: { heartbeatMs: 5_000 }, journal };
      await using a = await startNode(redis.url, "away", options);
      await using b = await startNode(redis.url, "away", options);
      const nodes = [a, b];
      const ada = `Bearer ${await issuer.issue({ userId: "ada", ttlMs: 3_600_000 })}`;
      const call = async (node: ServedNode, path: string, init: RequestInit = {}) =>
        fetch(`${node.url}${path}`, {
          ...init,
          headers: { authorization: ada, "content-type": "application/json" },
          signal: AbortSignal.timeout(30_000),
        });
      const clients = await Promise.all(
        Array.from({ length: CLIENTS }, async (_, n) => {
          const token = await issuer.issue({ userId: `u${n}`, ttlMs: 3_600_000 });
          return connectSse(`${nodes[n % 2]?.url}/events`, { token });
        }),
      );
      const watcher = await connectSse(`${b.url}/events`, { token: ada.slice(7) });

      const body = JSON.stringify({ title: "Patience", chapters: CHAPTERS, words: 3_000 });
      const made = await call(a, "/api/books", { method: "POST", body });
      const { book_id: bookId } = (await made.json()) as { book_id: number };
      const bought = () => readFileSync(journal, "utf8").trim().split("\n");
      await expect.poll(bought).toContain("3");
      const safe = bought().filter((name) => name === "outline" || Number(name) < 3);

      await redis.kill();
      const killedAt = performance.now();
      const told: Tally = {};
      const answered: Tally = {};
      let slowestMs = 0;
      const count = (tally: Tally, name: string) => (tally[name] = (tally[name] ?? 0) + 1);
      const timed = async (act: () => Promise<string>, tally: Tally): Promise<void> => {
        const from = performance.now();
        count(tally, await act());
        slowestMs = Math.max(slowestMs, performance.now() - from);
      };
      const publish = async (node: ServedNode, n: string): Promise<string> =>
        (await node.ask(`publish u${n} ${n}`))?.split(" ")[0] ?? "";
      const heap = async (node: ServedNode): Promise<number> => {
        const metrics = await (await call(node, "/metrics")).text();
        return Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]) / 1024 / 1024;
      };

      const heaps: number[][] = nodes.map(() => []);
      const working: Promise<void>[] = [];
      let isReported = 0;
      for (let n = 0; performance.now() - killedAt < AWAY_MS; n += 1) {
        for (const node of nodes) {
          working.push(timed(() => publish(node, String(n % CLIENTS)), told));
          working.push(timed(async () => `${(await call(node, "/api/books")).status}`, answered));
        }
        if (n % 100 === 99) {
          for (const [index, node] of nodes.entries()) heaps[index]?.push(await heap(node));
          const ready = (await (await call(a, "/ready")).json()) as { status: string };
          if (ready.status === "degraded") isReported += 1;
        }
        await sleep(EVERY_MS);
      }
      await Promise.all(working);
      const purchases = bought().length;

      await redis.restart();
      const backAt = performance.now();
      const isReady = async (node: ServedNode) =>
        ((await (await call(node, "/ready")).json()) as { status: string }).status === "ready";
      for (const node of nodes) await expect.poll(() => isReady(node)).toBe(true);
      const readyMs = performance.now() - backAt;
      for (const [n, client] of clients.entries()) {
        await expect.poll(() => publish(nodes[(n + 1) % 2] ?? a, String(n))).toBe("yes");
        await expect.poll(() => titlesOf(client).length).toBeGreaterThan(0);
      }
      const heardMs = performance.now() - backAt;
      console.log(
        JSON.stringify({
          told,
          answered,
          slowestMs: Math.round(slowestMs),
          readyMs: Math.round(readyMs),
          heardMs: Math.round(heardMs),
          heaps: heaps.map((all) => all.map((mb) => Math.round(mb))),
        }),
      );
      await expect
        .poll(
          async () =>
            ((await (await call(b, `/api/books/${bookId}`)).json()) as { status: string }).status,
          { timeout: 60_000 },
        )
        .toBe("completed");
      // Before anybody notices, what is published waits; then it is refused, and soon.
      expect(told["yes"] ?? 0).toBe(0);
      expect(Object.keys(answered).toSorted()).toEqual(["503"]);
      expect(slowestMs).toBeLessThan(15_000);
      expect(isReported).toBeGreaterThan(0);
      expect(readyMs).toBeLessThan(10_000);
      for (const all of heaps) {
        expect(Math.min(...all.slice(-3)) - Math.min(...all)).toBeLessThan(30);
      }
      // Nothing was bought while nobody could know who may, and nothing that was safe was bought again.
      expect(purchases).toBeLessThanOrEqual(safe.length + 2);
      for (const name of safe) expect(bought().filter((other) => other === name)).toEqual([name]);
      for (const client of [...clients, watcher]) {
        expect(client.received.map(({ type }) => type)).not.toContain("wire.goodbye");
        expect(client.received.filter(({ type }) => type === "wire.hello")).toHaveLength(1);
        expect(new Set(titlesOf(client)).size).toBe(titlesOf(client).length);
        await client[Symbol.asyncDispose]();
      }
    },
  );
});

describe.skipIf(!hasRedis)("one of two servers that hears nothing of Redis, for 20 s", () => {
  it(
    "refuses in time, and keeps its clients, whom it gives all that the other one published meanwhile; the other takes over its book",
    { timeout: 120_000 },
    async () => {
      using folder = tempDirectory();
      await using redis = await startRedis({ appendOnly: true });
      await using wire = await startTcpProxy(redis.port);
      const options = { connections: { heartbeatMs: 5_000 } };
      const journals = [`${folder.path}/cut`, `${folder.path}/whole`] as const;
      const cutUrl = `redis://127.0.0.1:${wire.port}`;
      await using cut = await startNode(cutUrl, "cut", { ...options, journal: journals[0] });
      const token = await issuer.issue({ userId: "ada" });
      const call = async (node: ServedNode, path: string, init: RequestInit = {}) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        const response = await fetch(`${node.url}${path}`, { ...init, headers });
        return { status: response.status, json: (await response.json()) as Answer };
      };
      const body = JSON.stringify({ title: "Alone", chapters: CHAPTERS, words: 3_000 });
      const made = await call(cut, "/api/books", { method: "POST", body });
      await using whole = await startNode(redis.url, "cut", { ...options, journal: journals[1] });
      await using client = await connectSse(`${cut.url}/events`, { token });
      await expect.poll(() => readFileSync(journals[0], "utf8")).toContain("2\n");
      await expect.poll(() => whole.ask("connected ada")).toBe("true");

      wire.hold();
      const until = performance.now() + 20_000;
      let published = 0;
      let refused = 0;
      while (performance.now() < until) {
        const from = performance.now();
        const answers = await Promise.all([
          call(cut, "/api/books"),
          call(cut, "/api/books", { method: "POST", body }),
          cut.ask(`publish ada lost`),
        ]);
        expect(performance.now() - from).toBeLessThan(15_000);
        expect(answers).toMatchObject([{ status: 503 }, { status: 503 }, "no lost"]);
        refused += 1;
        expect(await whole.ask(`publish ada ${published}`)).toBe(`yes ${published}`);
        expect((await call(whole, "/api/books")).status).toBe(200);
        published += 1;
      }
      expect(refused).toBeGreaterThan(1);
      expect((await call(cut, "/ready")).json).toEqual({ status: "degraded", redis: "away" });
      expect((await call(whole, "/ready")).json).toEqual({ status: "ready", redis: "connected" });
      // It is not heard of any more, so nobody says that its users are there.
      expect(await whole.ask("connected ada")).toBe("false");
      expect(await cut.ask("connected ada")).toBe("true");
      const { book_id: bookId } = made.json;
      await expect
        .poll(async () => (await call(whole, `/api/books/${bookId}`)).json.status)
        .toBe("completed");
      expect(readFileSync(journals[1], "utf8")).not.toMatch(/^(outline|1)$/m);

      wire.mend();
      await expect
        .poll(() => titlesOf(client))
        .toEqual(Array.from({ length: published }, (_, n) => `${n}`));
      expect(client.received.map(({ type }) => type)).not.toContain("wire.goodbye");
      await expect.poll(async () => (await call(cut, "/ready")).json.status).toBe("ready");
      await expect.poll(() => whole.ask("connected ada")).toBe("true");
      // What was refused was not done later.
      expect((await call(cut, "/api/books")).json.books).toHaveLength(1);
    },
  );
});

interface Answer {
  readonly status?: string;
  readonly book_id?: number;
  readonly books?: readonly unknown[];
}

function titlesOf({ received }: WireClient): string[] {
  return received
    .filter(({ type }) => type === "system_notification")
    .map(({ data }) => (data as { title: string }).title);
}
