import { expect, it } from "vitest";
import { createBooks } from "../../src/books/service.js";
import { openBooksRoom } from "./support/books-room.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const request = { title: "The Tides of Brittany", chapters: 1, words: 300 };

it("gives a user's books newest first, page by page, and nobody else's", async () => {
  await using room = await openBooksRoom(() => createScriptedAuthor());
  for (let book = 1; book <= 5; book += 1) await room.books.create("ada", request);
  await room.books.create("bob", request);

  const first = await room.books.page("ada", { limit: 2 });
  expect(first.books.map(({ id }) => id)).toEqual([5, 4]);
  // A book that comes meanwhile moves nothing.
  await room.books.create("ada", request);
  const second = await room.books.page("ada", { limit: 2, before: first.next });
  expect(second.books.map(({ id }) => id)).toEqual([3, 2]);
  const last = await room.books.page("ada", { limit: 2, before: second.next });
  expect(last.books.map(({ id }) => id)).toEqual([1]);
  expect(last.next).toBeUndefined();
  expect(await room.books.page("eve")).toEqual({ books: [], next: undefined });
});

it("says whose a book is, and tells a stranger the same as of none", async () => {
  await using room = await openBooksRoom(() => createScriptedAuthor());
  await room.books.create("ada", request);
  expect(await room.books.owns("ada", 1)).toBe(true);
  expect(await room.books.owns("bob", 1)).toBe(false);
  for (const id of [0, -1, 2, 1.5, Number.NaN, 2 ** 60]) {
    expect(await room.books.owns("ada", id)).toBe(false);
  }
});

it("tells the number of a book before anything of it is stored", async () => {
  await using room = await openBooksRoom(() => createScriptedAuthor());
  const seen: Array<[number, boolean]> = [];
  const onId = async (id: number) => void seen.push([id, await room.books.owns("ada", id)]);
  const { bookId } = await room.books.create("ada", request, { onId });
  expect(seen).toEqual([[bookId, false]]);

  const failing = room.books.create("ada", request, {
    onId: () => {
      throw new Error("the disk is full");
    },
  });
  await expect(failing).rejects.toThrow("the disk is full");
  const again = createBooks({
    home: room.home,
    bus: room.bus,
    authors: { resolve: async () => createScriptedAuthor() },
  });
  expect((await again.list("ada")).map(({ id }) => id)).toEqual([bookId]);
  await again.close({ graceMs: 0 });
});
