import { expect, test } from "vitest";
import { createPrices } from "../../../src/books/ledger/prices.js";
import { startPaidServer } from "../../support/llm/paid-server.js";
import { openBooksRoom, updatesOf } from "../support/books-room.js";

/** One dollar for a thousand tokens in, two for a thousand out: an answer of the server costs two. */
const prices = createPrices({ own: { inputUsd: 1_000, outputUsd: 2_000 } });
const book = { title: "The Tides of Brittany", chapters: 6, words: 600 };

test("a book stops before the request that could cost more than it may, and goes on with a higher limit", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author(), { prices });
  const messages = room.listen("user/ada");
  const { bookId } = await room.books.create("ada", { ...book, maxCostUsd: 12 });
  const stopped = await room.books.wait("ada", bookId);
  expect(stopped).toMatchObject({
    status: "processing",
    stopped: true,
    error: undefined,
    paused: { code: "budget_exceeded", retryable: false },
  });
  expect(stopped.paused?.message).toMatch(/the limit is \$12\.00, \$\d+\.00 is spent/);
  const asked = server.journal.length;
  // Each answer took two dollars, and each was allowed what it could take at worst.
  expect(asked).toBeGreaterThan(1);
  expect(asked).toBeLessThan(6);
  expect(stopped.ledger.total.usd).toBe(2 * asked);
  expect(updatesOf(messages).at(-1)).toMatchObject({
    status: "processing",
    paused: { code: "budget_exceeded" },
  });
  const chapter = server.journal.at(-1);
  expect(chapter?.marker).toMatch(/^\[inkwire chapter/);
  expect(chapter?.maxTokens).toBeGreaterThan(200);

  // Without a higher limit it stops at once, and nothing is asked; nobody resumes it unasked.
  expect(await room.books.recover()).toEqual([]);
  await room.books.resume("ada", bookId);
  expect(await room.books.wait("ada", bookId)).toMatchObject({ stopped: true });
  expect(server.journal).toHaveLength(asked);

  await room.books.resume("ada", bookId, { maxCostUsd: 100 });
  const done = await room.books.wait("ada", bookId);
  expect(done).toMatchObject({ status: "completed", paused: undefined });
  expect(done.ledger.limits).toEqual({ maxCostUsd: 100 });
  expect(server.journal).toHaveLength(7);
  expect(done.ledger.total.usd).toBe(14);
  expect(room.problems).toEqual([]);
});

test("chapters side by side never go past the limit together, and what was begun is kept", async () => {
  await using server = await startPaidServer({ pauseMs: 5 });
  await using room = await openBooksRoom(() => server.author(3), { prices });
  const { bookId } = await room.books.create("ada", { ...book, maxTokens: 9_000 });
  const view = await room.books.wait("ada", bookId);
  expect(view.paused?.code).toBe("budget_exceeded");
  expect(view.ledger.total.inputTokens + view.ledger.total.outputTokens).toBeLessThanOrEqual(9_000);
  expect(server.journal.every(({ cut }) => !cut)).toBe(true);
  expect(view.chapters.filter(({ state }) => state === "done")).toHaveLength(
    server.journal.length - 1,
  );
});

test("a limit in money is refused where the price is not known, before anything is asked", async () => {
  await using server = await startPaidServer();
  await using room = await openBooksRoom(() => server.author(), {
    prices: { tagOf: async () => undefined },
  });
  await expect(room.books.create("ada", { ...book, maxCostUsd: 1 })).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining("INKWIRE_PRICE") as string,
  });
  expect(await room.books.list("ada")).toEqual([]);
  expect(server.journal).toEqual([]);
});

test("limits are checked like every other field", async () => {
  await using room = await openBooksRoom(() => {
    throw new Error("nobody is asked");
  });
  for (const limits of [
    { maxCostUsd: 0 },
    { maxCostUsd: -1 },
    { maxCostUsd: "1" },
    { maxTokens: 1.5 },
    { maxTokens: 10 },
  ]) {
    await expect(room.books.create("ada", { ...book, ...limits })).rejects.toMatchObject({
      code: "invalid_request",
    });
  }
});

test("a book is paused between chapters, and goes on where it was", async () => {
  await using server = await startPaidServer({ pauseMs: 10 });
  await using room = await openBooksRoom(() => server.author(), { prices });
  const { bookId } = await room.books.create("ada", book);
  await expect.poll(() => server.journal.length, { interval: 2 }).toBe(3);
  await room.books.pause("ada", bookId);
  const paused = await room.books.wait("ada", bookId);
  expect(paused).toMatchObject({ stopped: true, paused: { code: "paused" } });
  expect(server.journal).toHaveLength(3);
  expect(server.journal.every(({ cut }) => !cut)).toBe(true);
  await room.books.resume("ada", bookId);
  expect((await room.books.wait("ada", bookId)).status).toBe("completed");
  expect(server.journal).toHaveLength(7);
});
