import { expect, it } from "vitest";
import { createBookList } from "../../src/stores/book-list.js";
import { createApi, json } from "../support/api.js";

const book = (book_id: number, more: object = {}) => ({
  book_id,
  task_id: `t${book_id}`,
  title: `Book ${book_id}`,
  status: "processing",
  stopped: false,
  progress: 40,
  words: 100,
  target_words: 3000,
  chapters_done: 1,
  chapter_count: 3,
  created_at: "2026-01-01T00:00:00.000Z",
  ...more,
});
const update = (book_id: number, more: object = {}) => ({
  book_id,
  task_id: `t${book_id}`,
  status: "processing" as const,
  progress: 50,
  message: "",
  ...more,
});

it("updates its rows as the books are written", async () => {
  const { client, clock, settle, calls } = createApi(() => json({ books: [book(9), book(8)] }));
  const list = createBookList(client, { clock });
  await settle();
  client.emit("book_generation_update", update(8, { words: 900, book_title: "Eight" }));
  client.emit("book_generation_update", update(9, { progress: 10 }));
  expect(list.get().books).toMatchObject([
    { book_id: 9, progress: 40 },
    { book_id: 8, progress: 50, words: 900, title: "Eight" },
  ]);
  const error = { code: "provider_failed", message: "m", retryable: false };
  client.emit("book_generation_update", update(8, { status: "failed", error }));
  expect(list.get().books[1]).toMatchObject({ status: "failed", error });
  client.emit("book_generation_update", update(8, { status: "processing" }));
  expect(list.get().books[1]).not.toHaveProperty("error");
  expect(calls()).toEqual(["GET api/books?limit=20"]);
});

it("lets go of a book that was deleted on another device, without asking", async () => {
  const { client, clock, settle, calls } = createApi(() => json({ books: [book(9), book(8)] }));
  const list = createBookList(client, { clock });
  await settle();
  client.emit("book_deleted", { book_id: 7 });
  client.emit("book_deleted", { book_id: 9 });
  client.emit("book_deleted", { book_id: 9 });
  expect(list.get().books.map(({ book_id }) => book_id)).toEqual([8]);
  expect(calls()).toHaveLength(1);
});

it("reads again when it hears of a new book, however often that one is told", async () => {
  let books = [book(8)];
  const { client, clock, settle, calls } = createApi(() => json({ books }));
  const list = createBookList(client, { clock });
  await settle();
  books = [book(9), book(8)];
  for (let i = 0; i < 20; i += 1) client.emit("book_generation_update", update(9, { progress: i }));
  await settle();
  expect(list.get().books.map(({ book_id }) => book_id)).toEqual([9, 8]);
  expect(calls().length).toBeLessThanOrEqual(3);
});

it("does not ask again and again for a book that the list does not have", async () => {
  const { client, clock, calls } = createApi(() => json({ books: [book(8)] }));
  createBookList(client, { clock, random: () => 0.5 });
  for (let i = 0; i < 600; i += 1) {
    client.emit("book_generation_update", update(9, { progress: 1 }));
    await clock.advance(100);
  }
  // A minute of ten messages a second.
  expect(calls().length).toBeLessThan(15);
}, 60_000);

it("leaves alone what is on a page that was not read yet, and appends pages", async () => {
  const { client, clock, settle, calls } = createApi(({ url }) =>
    url.includes("cursor")
      ? json({ books: [book(8), book(7)] })
      : json({ books: [book(9), book(8)], next: "b8" }),
  );
  const list = createBookList(client, { clock });
  await settle();
  client.emit("book_generation_update", update(7));
  await settle();
  expect(calls()).toHaveLength(1);
  await list.loadMore();
  expect(list.get()).toMatchObject({ next: undefined });
  expect(list.get().books.map(({ book_id }) => book_id)).toEqual([9, 8, 7]);
});

it.each([{ books: 7 }, { books: [{}] }, {}])(
  "ends in an error for what is no list: %j",
  async (body) => {
    const { client, clock, settle } = createApi(() => json(body));
    const list = createBookList(client, { clock });
    await settle();
    expect(list.get()).toMatchObject({
      isLoading: false,
      books: [],
      error: { code: "server_failed" },
    });
  },
);
