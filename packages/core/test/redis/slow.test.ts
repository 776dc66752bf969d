import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { openServerRoom, type ServerRoom } from "../server/support/server-room.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { connectSse, type WireClient } from "../support/wire-client.js";

const isSoak = process.env["INKWIRE_SOAK_SEED"] !== undefined;
/** Milliseconds that each answer takes longer, and up to how many more. A book is some dozen answers, one after the other. */
const SLOWNESSES = isSoak
  ? [
      [50, 0],
      [400, 0],
      [20, 600],
    ]
  : [[10, 50]];
const MESSAGES = 20;

interface SlowNode extends AsyncDisposable {
  readonly room: ServerRoom;
  readonly proxy: TcpProxy;
  readonly url: string;
  /** What its author was asked for. */
  readonly calls: readonly string[];
}

describe.skipIf(!hasRedis)("two servers whose Redis is slow", () => {
  let redis: RedisServer;
  let a: SlowNode;
  let b: SlowNode;
  beforeAll(async () => {
    redis = await startRedis({ appendOnly: true });
    [a, b] = await Promise.all([openNode(), openNode()]);
  });
  afterAll(async () => {
    for (const node of [a, b]) {
      node?.proxy.delay(0);
      await node?.[Symbol.asyncDispose]();
    }
    await redis?.[Symbol.asyncDispose]();
  });

  async function openNode(): Promise<SlowNode> {
    const proxy = await startTcpProxy(redis.port);
    const calls: string[] = [];
    const room = await openServerRoom({
      author: () => createScriptedAuthor({ calls, pauseMs: 2 }),
      home: undefined,
      redis: `redis://127.0.0.1:${proxy.port}`,
      rateLimits: {},
      welcome: null,
    });
    const { url } = await room.inkwire.listen({ port: 0 });
    return {
      room,
      proxy,
      url,
      calls,
      async [Symbol.asyncDispose]() {
        await room[Symbol.asyncDispose]();
        await proxy[Symbol.asyncDispose]();
      },
    };
  }

  const titles = ({ received }: WireClient): string[] =>
    received
      .filter(({ type }) => type === "system_notification")
      .map(({ data }) => (data as { title: string }).title);
  const numbers = (whose: string) => Array.from({ length: MESSAGES }, (_, n) => `${whose} ${n}`);

  it.each(SLOWNESSES)(
    "do all that they do, each once and in order, when each answer takes %i ms more, and up to %i",
    { timeout: 120_000 },
    async (delayMs, jitterMs) => {
      const userId = `reader-${delayMs}`;
      const nodes = [a, b];
      for (const { proxy } of nodes) proxy.delay(delayMs, jitterMs);
      const clients = await Promise.all(
        nodes.map(async ({ url, room }) =>
          connectSse(`${url}/events`, { token: await room.token(userId) }),
        ),
      );
      const written = nodes.map(({ calls }) => calls.length);
      const made = await a.room.ask("POST /api/books", {
        as: userId,
        body: { title: "Patience", chapters: 2, words: 600 },
      });
      expect(made.status).toBe(202);

      const publish = ({ room }: SlowNode, title: string) =>
        room.inkwire.bus.publish(`user/${userId}`, "system_notification", { title, message: "" });
      await Promise.all([
        ...numbers("a").map((title) => publish(a, title)),
        ...numbers("b").map((title) => publish(b, title)),
      ]);
      const isOver = (client: WireClient) =>
        client.received.some(
          ({ type, data }) =>
            type === "book_generation_update" &&
            (data as { status: string }).status === "completed",
        );
      for (const client of clients) {
        await expect.poll(() => isOver(client), { timeout: 60_000 }).toBe(true);
        await expect.poll(() => titles(client).length).toBe(2 * MESSAGES);
        for (const whose of ["a", "b"]) {
          const own = titles(client).filter((title) => title.startsWith(whose));
          expect(own).toEqual(numbers(whose));
        }
      }
      const [one, two] = clients.map(titles);
      expect(one).toEqual(two);

      // Each chapter was bought once, by one of them.
      const bought = nodes.flatMap(({ calls }, index) => calls.slice(written[index]));
      expect(bought.toSorted()).toEqual(["1", "2", "outline"]);
      const book = await b.room.ask(`GET /api/books/${made.json.book_id}`, { as: userId });
      expect(book).toMatchObject({ status: 200, json: { status: "completed" } });
      for (const { room } of nodes) {
        const ready = await room.ask("GET /ready");
        expect(ready.json).toEqual({ status: "ready", redis: "connected" });
        const problems = room.log.filter((line) => /"level":"(warn|error)"/.test(line));
        const isOfRates = (line: string) => line.includes("each node counts its own");
        expect(problems.filter((line) => !isOfRates(line))).toEqual([]);
        if (delayMs === 400) expect(problems.some(isOfRates)).toBe(true);
      }
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  );
});
