import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startRedisCluster } from "../support/redis-cluster.js";
import { startWatchedRedis } from "../support/redis-sentinels.js";
import { hasRedis, type RedisServer } from "../support/redis-server.js";
import { createRandom } from "../support/random.js";
import { connectSse, type WireClient } from "../support/wire-client.js";
import { issuer, startNode, type ServedNode } from "./support/cluster.js";

/** Servers of which one is the primary, and others take its place. */
interface Followed extends AsyncDisposable {
  readonly url: string;
  primary(): Promise<RedisServer>;
  /** Waits until another server has all that this one has. */
  copied(primary: RedisServer): Promise<void>;
}

const PREFIX = "followed";

async function startCluster(): Promise<Followed> {
  const cluster = await startRedisCluster({ hasReplicas: true });
  const slot = await cluster.slotOf(PREFIX);
  return {
    url: cluster.url,
    primary: () => cluster.ownerOf(slot),
    copied: (primary) => cluster.copied(primary),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

async function startWatched(): Promise<Followed> {
  const watched = await startWatchedRedis({ count: 3 });
  return {
    url: `redis+sentinel://${watched.hosts}/mymaster`,
    primary: () => watched.primary(),
    copied: (primary) => watched.copied(primary),
    [Symbol.asyncDispose]: () => watched[Symbol.asyncDispose](),
  };
}

const titles = ({ received }: WireClient): string[] =>
  received.flatMap(({ type, data }) => (type === "system_notification" ? [data.title] : []));
const resets = ({ received }: WireClient) => received.filter(({ type }) => type === "wire.reset");

describe.skipIf(!hasRedis)("two servers whose Redis is replaced again and again", () => {
  it.each([
    ["a cluster", startCluster],
    ["sentinels", startWatched],
  ] as const)(
    "lose nothing, by %s, of what the next primary has",
    { timeout: 240_000 },
    async (_, start) => {
      const seed = Number(process.env["INKWIRE_SOAK_SEED"] ?? Date.now() % 0x7fff_ffff);
      console.log(`seed ${seed}`);
      const random = createRandom(seed);
      await using followed = await start();
      const starting = [startNode(followed.url, PREFIX), startNode(followed.url, PREFIX)] as const;
      await using one = await starting[0];
      await using two = await starting[1];
      const nodes = [one, two];
      const token = await issuer.issue({ userId: "ada" });
      await using here = await connectSse(`${one.url}/events`, { token });
      await using there = await connectSse(`${two.url}/events`, { token });
      const clients = [here, there];
      let count = 0;
      /** Publishes at both until told to stop; gives back what is certain, each node's in its order. */
      const publishUntil = async (stop: () => boolean) => {
        const publish = async (node: ServedNode) => {
          const answers: Promise<string | undefined>[] = [];
          while (!stop()) {
            answers.push(node.ask(`publish ada ${(count += 1)}`));
            await sleep(20);
          }
          return (await Promise.all(answers)).flatMap(
            (answer) => /^yes (\d+)/.exec(answer ?? "")?.[1] ?? [],
          );
        };
        return Promise.all(nodes.map(publish));
      };

      for (const [round, signal] of (["SIGKILL", "SIGSTOP", "SIGKILL"] as const).entries()) {
        const made = await fetch(`${nodes[round % 2]?.url}/api/books`, {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ title: `Book ${round}`, chapters: 4, words: 2_000 }),
        });
        expect(made.status).toBe(202);
        const { book_id: bookId } = (await made.json()) as { book_id: number };
        const old = await followed.primary();
        await followed.copied(old);
        const before = clients.map((client) => resets(client).length);
        const state = { isOver: false };
        const sending = publishUntil(() => state.isOver);
        await sleep(300 + random() * 1_000);
        process.kill(old.pid, signal);
        const killedAt = performance.now();
        await expect.poll(() => followed.primary(), { timeout: 30_000 }).not.toBe(old);
        await sleep(2_500);
        state.isOver = true;
        const certain = await sending;
        let left = 20;
        const last = await publishUntil(() => (left -= 1) < 0);
        for (const [at, client] of clients.entries()) {
          await expect
            .poll(() => titles(client), { timeout: 30_000 })
            .toEqual(expect.arrayContaining(last.flat()));
          expect(new Set(titles(client)).size, "nothing comes twice").toBe(titles(client).length);
          const isReset = resets(client).length > (before[at] ?? 0);
          if (!isReset) expect(titles(client)).toEqual(expect.arrayContaining(certain.flat()));
          for (const own of [...certain, ...last]) {
            const heard = titles(client).filter((title) => own.includes(title));
            expect(heard).toEqual(own.filter((title) => heard.includes(title)));
          }
        }
        const status = async () => {
          const headers = { authorization: `Bearer ${token}` };
          const response = await fetch(`${one.url}/api/books/${bookId}`, { headers });
          return response.ok
            ? ((await response.json()) as { status: string }).status
            : response.status;
        };
        await expect.poll(status, { timeout: 60_000 }).toBe("completed");
        for (const node of nodes) await expect.poll(() => node.ask("count")).toBe("2");
        console.log(
          `round ${round}, ${signal}: ${certain.flat().length} certain, ${resets(here).length} resets, ${Math.round(performance.now() - killedAt)} ms`,
        );
        if (signal === "SIGSTOP") process.kill(old.pid, "SIGCONT");
        else await old.restart();
      }
    },
  );
});
