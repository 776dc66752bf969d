import { expect, it } from "vitest";
import { createIdempotency } from "../../src/server/idempotency.js";
import { createMemoryHome, openHome } from "../../src/storage/home.js";
import { tempDirectory } from "../support/temp-directory.js";
import { openServerRoom } from "./support/server-room.js";

const body = { title: "The Tides of Brittany", chapters: 1, words: 300 };
const keyed = (key: string) => ({ as: "ada", body, headers: { "idempotency-key": key } });

it("makes one book of one key and body, however often and however much at once it is sent", async () => {
  await using room = await openServerRoom();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => room.ask("POST /api/books", keyed("k-1"))),
  );
  expect(answers.map(({ status, json }) => [status, json.book_id])).toEqual(
    Array.from({ length: 10 }, () => [202, 1]),
  );
  expect(answers.filter(({ headers }) => headers.has("idempotency-replayed"))).toHaveLength(9);
  // The order of the fields says nothing.
  const turned = { words: 300, chapters: 1, title: body.title };
  expect((await room.ask("POST /api/books", { ...keyed("k-1"), body: turned })).json.book_id).toBe(
    1,
  );
  expect((await room.ask("GET /api/books", { as: "ada" })).json.books).toHaveLength(1);
});

it("refuses a key that was used for another book, and takes it from another user", async () => {
  await using room = await openServerRoom();
  await room.ask("POST /api/books", keyed("k-1"));
  expect(
    await room.ask("POST /api/books", { ...keyed("k-1"), body: { ...body, title: "Another" } }),
  ).toMatchObject({ status: 409, json: { code: "conflict" } });
  expect((await room.ask("POST /api/books", { ...keyed("k-1"), as: "bob" })).json.book_id).toBe(2);
  expect((await room.ask("POST /api/books", keyed("k-2"))).json.book_id).toBe(3);
});

it("frees the key of a request that was refused", async () => {
  await using room = await openServerRoom();
  const bad = { ...keyed("k-1"), body: { ...body, chapters: 0 } };
  expect((await room.ask("POST /api/books", bad)).status).toBe(400);
  expect((await room.ask("POST /api/books", keyed("k-1"))).status).toBe(202);
});

it.each(["", " ", "a b", "ü", "x".repeat(201)])("refuses %j as a key", async (key) => {
  await using room = await openServerRoom();
  const headers = { "idempotency-key": key === "ü" ? "\u00fc" : key };
  const { status, json } = await room.ask("POST /api/books", { as: "ada", body, headers });
  expect(status).toBe(400);
  expect(json.code).toBe("bad_request");
});

it("remembers keys over a restart, for a day", async () => {
  using directory = tempDirectory();
  let nowMs = Date.parse("2026-11-25T00:00:00Z");
  const now = () => nowMs;
  const once = async (key: string) => {
    const home = await openHome(directory.path);
    const keys = createIdempotency({ home, now, onProblem: () => {} });
    let made = 0;
    const { bookId, isReplay } = await keys.once({
      userId: "ada",
      key,
      body,
      create: async (onId) => {
        made += 1;
        await onId(nowMs);
        return { bookId: nowMs, taskId: "t" };
      },
      find: async () => undefined,
    });
    await home.close();
    return { bookId, isReplay, made };
  };
  const first = await once("k");
  nowMs += 86_399_000;
  expect(await once("k")).toEqual({ bookId: first.bookId, isReplay: true, made: 0 });
  nowMs += 2_000;
  expect(await once("k")).toEqual({ bookId: nowMs, isReplay: false, made: 1 });
});

it("finds out after a crash in the middle whether the book came to be", async () => {
  const home = createMemoryHome();
  const keys = createIdempotency({ home, now: Date.now, onProblem: () => {} });
  const books = new Set<number>();
  let next = 0;
  const call = (crash?: "before" | "after") =>
    keys.once({
      userId: "ada",
      key: "k",
      body,
      async create(onId) {
        next += 1;
        await onId(next);
        if (crash === "before") throw new Error("killed");
        books.add(next);
        if (crash === "after") throw new Error("killed");
        return { bookId: next, taskId: `book-${next}` };
      },
      find: async (bookId) =>
        books.has(bookId) ? { bookId, taskId: `book-${bookId}` } : undefined,
    });
  await expect(call("before")).rejects.toThrow("killed");
  await expect(call("after")).rejects.toThrow("killed");
  expect(await call()).toEqual({ bookId: 2, taskId: "book-2", isReplay: true });
  expect(books).toEqual(new Set([2]));
});

it("keeps no more than so many keys of a user", async () => {
  const home = createMemoryHome();
  const keys = createIdempotency({ home, now: Date.now, onProblem: () => {}, maxPerUser: 3 });
  let made = 0;
  const call = (key: string) =>
    keys.once({
      userId: "ada",
      key,
      body,
      create: async () => ({ bookId: (made += 1), taskId: "t" }),
      find: async () => undefined,
    });
  for (const key of ["a", "b", "c", "d"]) await call(key);
  expect((await call("d")).isReplay).toBe(true);
  expect((await call("b")).isReplay).toBe(true);
  expect((await call("a")).isReplay).toBe(false);
});
