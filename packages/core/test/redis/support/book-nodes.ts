import { expect } from "vitest";
import { wholePart } from "../../../src/books/draft-cut.js";
import { readDraftLines } from "../../../src/books/draft-lines.js";
import { createOpenAICompatibleAuthor } from "../../../src/books/authors/model/providers/openai-compatible.js";
import { createBooks } from "../../../src/books/service.js";
import type { Books } from "../../../src/books/service-types.js";
import { createBus } from "../../../src/bus/bus.js";
import { bookMessages } from "../../../src/protocol/index.js";
import {
  createRedisQueue,
  createRedisSignals,
  openRedis,
  openRedisHome,
} from "../../../src/redis/index.js";
import { startStoryServer, type StoryServer } from "../../books/support/story-server.js";
import { makeStory, type Story } from "../../books/support/story.js";
import { startRedis, type RedisServer } from "../../support/redis-server.js";
import { startSource, type SourceProcess } from "../../support/source-process.js";

export interface BookNode extends AsyncDisposable {
  readonly process: SourceProcess;
  /** All that it has said so far. */
  readonly said: readonly string[];
  kill(): Promise<void>;
}

/** Real nodes that write one book from a line in a real Redis, with a model that keeps the bill. */
export interface BookNodes extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly story: Story;
  readonly model: StoryServer;
  /** As a node that only asks: it never takes a job. */
  readonly books: Books;
  /** Starts a node, on another way to Redis if need be; resolves when it is ready. */
  start(port?: number): Promise<BookNode>;
  /** Starts two nodes and puts a book in line; resolves when one of them writes it. */
  begin(request: {
    readonly title: string;
    readonly chapters: number;
    readonly words: number;
  }): Promise<{ readonly writer: BookNode; readonly other: BookNode }>;
  /** Notes how far each chapter is safe now: nothing before it may be bought from now on. */
  keep(): Promise<void>;
  /** Fails if anything was bought that was safe when last noted. */
  checkBill(): void;
}

export async function openBookNodes(options: {
  readonly chapters: number;
  readonly leaseTtlMs: number;
  readonly appendOnly?: boolean;
  readonly pauseMs?: number;
}): Promise<BookNodes> {
  const { chapters, leaseTtlMs, appendOnly, pauseMs } = options;
  const server = await startRedis({ appendOnly, isCluster: !appendOnly });
  const story = makeStory(chapters, 6);
  const model = await startStoryServer(story, pauseMs === undefined ? {} : { pauseMs });
  const redis = await openRedis(server.url);
  const home = await openRedisHome({ redis, leaseTtlMs });
  const signals = createRedisSignals({ redis });
  const bus = createBus({ messages: bookMessages });
  const books = createBooks({
    home,
    bus,
    signals,
    // It puts in line, and takes nothing out of it.
    queue: createRedisQueue({ redis, concurrency: 0 }),
    authors: {
      resolve: async () =>
        createOpenAICompatibleAuthor({ provider: "local", model: "story", baseUrl: model.baseUrl }),
    },
  });
  const nodes: BookNode[] = [];
  let floors = story.chapters.map(() => 0);
  let bought = 0;

  const room: BookNodes = {
    redis: server,
    story,
    model,
    books,
    async start(port = server.port) {
      const process = startSource("./node-process.ts", import.meta.url, [
        `redis://127.0.0.1:${port}`,
        model.baseUrl,
        String(leaseTtlMs),
      ]);
      const said: string[] = [];
      const node: BookNode = {
        process,
        said,
        kill: () => process.kill(),
        [Symbol.asyncDispose]: () => process.kill(),
      };
      nodes.push(node);
      void (async () => {
        for (let line = await process.line(); line !== undefined; line = await process.line())
          said.push(line);
      })();
      await expect.poll(() => said, { timeout: 60_000 }).toContain("ready");
      return node;
    },
    async begin(request) {
      const [one, two] = await Promise.all([room.start(), room.start()]);
      await books.create("ada", request);
      const writes = (node: BookNode) => node.said.includes("processing");
      await expect.poll(() => writes(one) || writes(two), { interval: 5 }).toBe(true);
      return writes(one) ? { writer: one, other: two } : { writer: two, other: one };
    },
    async keep() {
      const [book] = await books.list("ada");
      floors = await Promise.all(
        story.chapters.map(async (text, index) => {
          if (book?.chapters[index]?.state === "done") return Infinity;
          const draft = readDraftLines((await home.logs?.read(`drafts/1/${index + 1}`)) ?? "");
          expect(text.startsWith(draft.text)).toBe(true);
          return draft.ended ? Infinity : wholePart(draft.text).length;
        }),
      );
      bought = model.sales.length;
    },
    checkBill() {
      for (const { chapter, from } of model.sales.slice(bought)) {
        expect(from, `chapter ${chapter} was bought again`).toBeGreaterThanOrEqual(
          floors[chapter - 1] ?? 0,
        );
      }
    },
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.kill();
      await books.close({ graceMs: 0 });
      signals.close();
      await bus.close();
      redis.disconnect();
      await model[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  return room;
}
