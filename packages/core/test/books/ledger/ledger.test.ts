import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Author } from "../../../src/books/authors/author.js";
import { createPrices } from "../../../src/books/ledger/prices.js";
import { startPaidServer } from "../../support/llm/paid-server.js";
import { openBooksRoom, updatesOf, type BooksRoom } from "../support/books-room.js";
import { startBookProcess } from "../support/killed-book.js";
import { createScriptedAuthor } from "../support/scripted-author.js";

/** Dollars that are easy to count: one for a thousand tokens in, two for a thousand out. */
const prices = createPrices({ own: { inputUsd: 1_000, outputUsd: 2_000 } });
const book = { title: "The Tides of Brittany", chapters: 3, words: 300 };

/** What a book of one chapter is said to have cost so far, each time that a step told an estimate. */
async function estimatesWhile(room: BooksRoom, step: string): Promise<number[]> {
  const messages = room.listen("user/ada");
  const { bookId } = await room.books.create("ada", { ...book, chapters: 1 });
  await room.books.wait("ada", bookId);
  const open = updatesOf(messages).filter(
    ({ current_step: current, estimated }) => current === step && estimated,
  );
  return open.map((update) => update.cost_usd ?? 0);
}

test("every request is in the ledger as the provider counted it, by chapter and in sum", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author(), { prices });
  const messages = room.listen("user/ada");
  const { bookId } = await room.books.create("ada", book);
  const view = await room.books.wait("ada", bookId);
  expect(view.status).toBe("completed");
  expect(server.journal).toHaveLength(4);

  const { ledger } = view;
  expect(ledger.total).toEqual({
    requests: 4,
    inputTokens: 4_000,
    outputTokens: 2_000,
    cachedTokens: 800,
    estimated: false,
    usd: 8,
    unpriced: 0,
  });
  expect(ledger.parts.map(({ step, chapter }) => [step, chapter])).toEqual([
    ["outline", undefined],
    ["chapter", 1],
    ["chapter", 2],
    ["chapter", 3],
  ]);
  expect(ledger.parts[1]?.requests).toEqual([
    {
      author: "openai:paid",
      purpose: "chapter",
      at: expect.stringMatching(/^2\d{3}-/) as string,
      outcome: "finished",
      inputTokens: 1_000,
      outputTokens: 500,
      cachedTokens: 200,
      estimated: false,
      usd: 2,
    },
  ]);
  const last = updatesOf(messages).at(-1);
  expect(last).toMatchObject({ status: "completed", tokens: 6_000, cost_usd: 8 });
  expect(last?.estimated).toBeUndefined();
  expect(room.problems).toEqual([]);
});

test("who hears of the end reads the whole bill, however slow the disk is", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author(), { prices });
  const { storage } = room.home;
  const setItem = storage.setItem.bind(storage);
  storage.setItem = async (key: string, value: string, options?: object) => {
    if (key.startsWith("ledgers:")) await delay(50);
    await setItem(key, value, options);
  };
  const { bookId } = await room.books.create("ada", book);
  const { ledger } = await room.books.wait("ada", bookId);
  expect(ledger.total).toMatchObject({ requests: 4, usd: 8, estimated: false });
});

test("while a chapter is being written its cost grows with its text, and says that it is an estimate", async () => {
  await using server = await startPaidServer({ pauseMs: 30, sentences: 30 });
  await using room = await openBooksRoom(() => server.author(), { prices });
  const costs = await estimatesWhile(room, "chapter 1");
  expect(costs.length).toBeGreaterThan(2);
  expect(costs.toSorted((a, b) => a - b)).toEqual(costs);
  expect(costs.at(-1)).toBeGreaterThan(costs[0] ?? Number.POSITIVE_INFINITY);
});

test("while a book is being planned its cost grows with the plan", async () => {
  const plain = createScriptedAuthor();
  const author: Author = {
    ...plain,
    billings: [{ author: plain.id, model: "any" }],
    async outline(request, call, _notes, draft) {
      const planned = { author: plain.id, inputTokens: 1, outputTokens: 9 };
      await call.onRequest?.({ ...planned, purpose: "outline" });
      for (let part = 0; part < 3; part += 1) {
        draft?.write("The boats of this part come home. ".repeat(5));
        await delay(300);
      }
      return plain.outline(request, call);
    },
  };
  await using room = await openBooksRoom(() => author, { prices });
  const costs = await estimatesWhile(room, "outline");
  expect(costs.at(-1)).toBeGreaterThan(costs[0] ?? Number.POSITIVE_INFINITY);
});

test("what was refused, cut and cancelled is counted too", async () => {
  await using server = await startPaidServer({
    pauseMs: 20,
    sentences: 40,
    fail: (count) => (count === 2 ? 429 : undefined),
  });
  await using room = await openBooksRoom(() => server.author(), { prices });
  const { bookId } = await room.books.create("ada", { ...book, chapters: 1 });
  await expect
    .poll(async () => (await room.books.chapter("ada", bookId, 1).catch(() => undefined))?.text, {
      timeout: 15_000,
    })
    .toMatch(/number 5/);
  await room.books.cancel("ada", bookId);
  const view = await room.books.wait("ada", bookId);
  expect(view.status).toBe("cancelled");
  await expect.poll(() => server.journal.at(-1)?.cut).toBe(true);
  const chapter = view.ledger.parts.find((part) => part.chapter === 1);
  expect(
    chapter?.requests.map(({ outcome, usd, estimated }) => [outcome, usd! > 0, estimated]),
  ).toEqual([
    ["refused", false, false],
    ["aborted", true, true],
  ]);
  expect(chapter?.requests[1]?.outputTokens).toBeGreaterThan(30);
  expect(view.ledger.total.estimated).toBe(true);
});

test("a model on this machine costs nothing, and one of no known price is never said to", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author());
  const { bookId } = await room.books.create("ada", { ...book, chapters: 1, words: 100 });
  const view = await room.books.wait("ada", bookId);
  expect(view.ledger.total).toMatchObject({ requests: 2, usd: 0, unpriced: 0 });

  const unknown = createPrices();
  expect(
    await unknown.tagOf({
      author: "openai:x",
      model: "x-9000",
      endpoint: "https://api.openai.com/v1",
    }),
  ).toBeUndefined();
  await using other = await openBooksRoom(() => server.author(), {
    prices: { tagOf: async () => undefined },
  });
  const messages = other.listen("user/ada");
  const created = await other.books.create("ada", { ...book, chapters: 1, words: 100 });
  const { ledger } = await other.books.wait("ada", created.bookId);
  expect(ledger.total).toMatchObject({ requests: 2, usd: undefined, unpriced: 2 });
  expect(updatesOf(messages).every((update) => update.cost_usd === undefined)).toBe(true);
});

test("a book's ledger goes with it", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author(), { prices });
  const { bookId } = await room.books.create("ada", { ...book, chapters: 1, words: 100 });
  await room.books.wait("ada", bookId);
  expect(await room.home.storage.getKeys("ledgers")).toHaveLength(2);
  await room.books.remove("ada", bookId);
  expect(await room.home.storage.getKeys("ledgers")).toEqual([]);
});

test(
  "an outline whose process is killed is asked for again, and counted both times",
  { timeout: 120_000 },
  async () => {
    await using server = await startPaidServer({ hang: (count) => count === 1 });
    await using room = await openBooksRoom(() => createScriptedAuthor());
    const start = () =>
      startBookProcess({
        home: room.directory,
        messages: join(room.directory, "messages.jsonl"),
        baseUrl: server.baseUrl,
        model: "paid",
        chapters: 2,
        words: 200,
      });
    const first = start();
    await expect.poll(() => server.journal.length, { timeout: 60_000 }).toBe(1);
    await first.kill();
    expect((await start().end()).status).toBe("completed");
    const { parts, total } = (await room.books.get("ada", 1)).ledger;
    const outlines = parts.find(({ step }) => step === "outline")?.requests ?? [];
    expect(outlines.map(({ outcome }) => outcome)).toEqual(["lost", "finished"]);
    // Nobody can know what the first one took: its prompt at least, and it says that this is an estimate.
    expect(outlines[0]?.inputTokens).toBeGreaterThan(50);
    expect(total).toMatchObject({ estimated: true, requests: server.journal.length });
    expect(
      server.journal.filter(({ marker }) => marker.startsWith("[inkwire outline")),
    ).toHaveLength(2);
  },
);
