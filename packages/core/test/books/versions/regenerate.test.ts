import { expect, test } from "vitest";
import { createPrices } from "../../../src/books/ledger/prices.js";
import { startPaidServer } from "../../support/llm/paid-server.js";
import { openBooksRoom, textOf, updatesOf, type BooksRoom } from "../support/books-room.js";
import { createScriptedAuthor } from "../support/scripted-author.js";

const book = { title: "Tides", chapters: 3, words: 600 };

async function finishedBook(room: BooksRoom): Promise<number> {
  const { bookId } = await room.books.create("ada", book);
  expect((await room.books.wait("ada", bookId)).status).toBe("completed");
  return bookId;
}

test("one chapter is written again as a new version; those that rest on it are named, and not bought", async () => {
  const calls: string[] = [];
  let round = 1;
  await using room = await openBooksRoom(() =>
    createScriptedAuthor({
      calls,
      *pieces(chapter) {
        for (let sentence = 1; sentence <= 20; sentence += 1) {
          yield `Round ${round}, sentence ${sentence} of chapter ${chapter} tells of the tide, as ever. `;
        }
      },
    }),
  );
  const id = await finishedBook(room);
  const messages = room.listen("user/ada", `book/${id}`);
  round = 2;
  const bought = calls.length;
  const { taskId } = await room.books.versions.regenerate("ada", id, 2);
  const done = await room.books.versions.wait("ada", id, taskId);
  expect(done).toEqual({
    status: "completed",
    error: undefined,
    change: { version: 2, stale: [3] },
  });
  expect(calls.slice(bought)).toEqual(["2"]);

  const { text } = await room.books.chapter("ada", id, 2);
  expect(text).toContain("Round 2");
  expect((await room.books.chapter("ada", id, 3)).text).toContain("Round 1");
  const versions = await room.books.versions.list("ada", id, 2);
  expect(versions.map(({ origin }) => origin)).toEqual(["written", "regenerated"]);
  await expect.poll(() => textOf(messages, 2)).toEqual({ text, done: true });
  const updates = updatesOf(messages).filter((update) => update.task_id === taskId);
  expect(updates.map(({ status }) => status)).toContain("processing");
  expect(updates.at(-1)).toMatchObject({ status: "completed", current_step: "chapter 2" });
  expect((await room.books.get("ada", id)).status).toBe("completed");

  // Chapter 3 was the only one left behind, and is no longer once it is written again.
  const next = await room.books.versions.regenerate("ada", id, 3);
  expect((await room.books.versions.wait("ada", id, next.taskId)).change?.stale).toEqual([]);
  expect(room.problems).toEqual([]);
});

test("one that is cancelled leaves the text as it was, also for those who watched, and goes on later", async () => {
  let slow = 0;
  await using room = await openBooksRoom(() => createScriptedAuthor({ pauseMs: slow }));
  const id = await finishedBook(room);
  const before = await room.books.chapter("ada", id, 1);
  const messages = room.listen(`book/${id}`);
  slow = 25;
  const { taskId } = await room.books.versions.regenerate("ada", id, 1);
  await expect.poll(() => messages.length).toBeGreaterThan(2);
  await room.books.cancel("ada", id);
  expect(await room.books.versions.wait("ada", id, taskId)).toMatchObject({
    status: "cancelled",
    change: undefined,
  });
  expect(await room.books.chapter("ada", id, 1)).toEqual(before);
  await expect.poll(() => textOf(messages, 1)).toEqual({ text: before.text, done: true });

  slow = 0;
  expect(await room.books.versions.regenerate("ada", id, 1)).toEqual({ taskId });
  expect((await room.books.versions.wait("ada", id, taskId)).status).toBe("completed");
  // A later version's job, and one that came to nothing because of an edit.
  slow = 25;
  const third = await room.books.versions.regenerate("ada", id, 1);
  await room.books.versions.edit("ada", id, 1, { text: "My own text." });
  await room.books.cancel("ada", id);
  expect((await room.books.versions.wait("ada", id, third.taskId)).status).toBe("cancelled");
  await room.books.remove("ada", id);
  expect(await room.home.storage.getKeys("jobs")).toEqual([]);
});

test("it is priced before it is bought, counted after, and kept within the book's limit", async () => {
  await using server = await startPaidServer({ sentences: 24 });
  const prices = createPrices({ own: { inputUsd: 1_000, outputUsd: 2_000 } });
  await using room = await openBooksRoom(() => server.author(), { prices });
  const id = await finishedBook(room);
  const asked = server.journal.length;
  const estimate = await room.books.versions.estimate("ada", id, [2, 3]);
  expect(estimate.requests.low).toBe(2);
  expect(estimate.usd?.high).toBeGreaterThan(estimate.usd?.low ?? Number.POSITIVE_INFINITY);
  expect(server.journal).toHaveLength(asked);

  const limited = await room.books.versions.regenerate("ada", id, 2, { maxCostUsd: 2 * asked + 1 });
  expect(await room.books.versions.wait("ada", id, limited.taskId)).toMatchObject({
    status: "processing",
    change: undefined,
  });
  expect(server.journal).toHaveLength(asked);

  const again = await room.books.versions.regenerate("ada", id, 2, { maxCostUsd: 1_000 });
  expect(again).toEqual(limited);
  expect((await room.books.versions.wait("ada", id, again.taskId)).status).toBe("completed");
  const { ledger } = await room.books.get("ada", id);
  expect(ledger.total.usd).toBe(2 * server.journal.length);
  expect(ledger.parts.find(({ chapter }) => chapter === 2)?.requests).toHaveLength(
    server.journal.length - asked + 1,
  );
});

test("while one is written, no second one of the book begins, and neither does the book", async () => {
  let slow = 0;
  await using room = await openBooksRoom(() => createScriptedAuthor({ pauseMs: slow }));
  const id = await finishedBook(room);
  slow = 25;
  const both = await Promise.allSettled([
    room.books.versions.regenerate("ada", id, 1),
    room.books.versions.regenerate("ada", id, 2),
  ]);
  const begun = both.filter(({ status }) => status === "fulfilled");
  expect(begun).toHaveLength(1);
  expect(both.find(({ status }) => status === "rejected")).toMatchObject({
    reason: { code: "job_busy", retryable: true },
  });
  await expect(room.books.versions.regenerate("ada", id, 3)).rejects.toMatchObject({
    code: "job_busy",
  });
  await expect(room.books.resume("ada", id)).rejects.toMatchObject({ code: "job_busy" });
  // The same in another process of this home.
  await expect
    .poll(async () => {
      const keys = await room.home.storage.getKeys("jobs");
      const job = keys.find((key) => key.includes("-v2"));
      return job !== undefined && (await room.home.locks.isHeld(job));
    })
    .toBe(true);
  const other = await room.again(() => createScriptedAuthor());
  await expect(other.versions.regenerate("ada", id, 3)).rejects.toMatchObject({ code: "job_busy" });
  await expect(other.resume("ada", id)).rejects.toMatchObject({ code: "job_busy" });

  await room.books.cancel("ada", id);
  for (const one of both) {
    if (one.status === "fulfilled") await room.books.versions.wait("ada", id, one.value.taskId);
  }
  slow = 0;
  const { taskId } = await room.books.versions.regenerate("ada", id, 3);
  expect((await room.books.versions.wait("ada", id, taskId)).status).toBe("completed");
});
