import { setTimeout as delay } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import { expect, it } from "vitest";
import type { Author } from "../../src/books/authors/author.js";
import { openBooksRoom, textOf } from "./support/books-room.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

/** The heap in use after a full collection, in MiB. */
function heapMiB(): number {
  v8.setFlagsFromString("--expose-gc");
  (vm.runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1_048_576;
}

it(
  "holds no more at the end of a 200-chapter book than its texts",
  { timeout: 60_000 },
  async () => {
    const heap = new Map<number, number>();
    const tokens = Array.from(
      { length: 400 },
      (_, index) => `token number ${index} of a long story `,
    );
    const author = (): Author =>
      createScriptedAuthor({
        pieces: () => tokens,
        before: (chapter) => void (chapter % 60 === 1 && heap.set(chapter, heapMiB())),
      });
    await using room = await openBooksRoom(author);
    await room.books.create("ada", { title: "A long one", chapters: 200 });
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed", progress: 100 });
    // 120 chapters of 14 KiB are 1.6 MiB; every delta kept would be many times that.
    expect((heap.get(181) ?? Infinity) - (heap.get(61) ?? 0)).toBeLessThan(24);
    expect(room.problems).toEqual([]);
  },
);

it("drops no character of three chapters at 2,000 tokens a second, and tells them in few messages", async () => {
  const tokens = (chapter: number): string[] =>
    Array.from({ length: 1_000 }, (_, index) => `t${chapter}.${index}é😀 `);
  const scripted = createScriptedAuthor({ concurrency: 3 });
  const author: Author = {
    ...scripted,
    async chapter({ chapter: { number } }, call) {
      for (const [index, token] of tokens(number).entries()) {
        call.write(token);
        if (index % 20 === 19) await delay(10);
      }
      return {};
    },
  };
  await using room = await openBooksRoom(() => author);
  const messages = room.listen("book/1");
  await room.books.create("ada", { title: "A fast one", chapters: 3 });
  await room.books.wait("ada", 1);
  for (const chapter of [1, 2, 3]) {
    const expected = tokens(chapter).join("");
    expect((await room.books.chapter("ada", 1, chapter)).text).toBe(expected);
    expect(textOf(messages, chapter)).toEqual({ text: expected, done: true });
  }
  expect(messages.length).toBeLessThan(300);
});
