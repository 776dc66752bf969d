import { describe, expect, it } from "vitest";
import { createBooks } from "../../src/books/service.js";
import { createBookNotifications } from "../../src/notifications/book-notifications.js";
import { InkwireError, type BookGenerationUpdate } from "../../src/protocol/index.js";
import { createScriptedAuthor, type Script } from "../books/support/scripted-author.js";
import { startSource } from "../support/source-process.js";
import { guardStorage } from "./support/guard-storage.js";
import { openNotifierRoom, titles, type NotifierRoom } from "./support/notifier-room.js";

function follow(room: NotifierRoom, bookUrl?: (bookId: number) => string) {
  const { home, bus, notifier, now, problems } = room;
  const onProblem = (problem: unknown) => void problems.push(problem);
  return createBookNotifications({ home, bus, notifier, now, onProblem, bookUrl });
}

function openBooks(room: NotifierRoom, script: Script = {}) {
  const endings = follow(room);
  const books = createBooks({
    home: room.home,
    bus: endings.bus,
    notifications: false,
    authors: { resolve: async () => createScriptedAuthor(script) },
    retry: { maxAttempts: 1 },
  });
  return { endings, books };
}

const request = { title: "The Tides", chapters: 2, words: 200 };
const update = (change: Partial<BookGenerationUpdate> = {}): BookGenerationUpdate => ({
  book_id: 7,
  task_id: "book-7",
  status: "processing",
  progress: 10,
  message: "Writing",
  book_title: "The Tides",
  ...change,
});

describe("a book that is written", () => {
  it("is announced once at its end, in the inbox and live, and counts for badges", async () => {
    await using room = await openNotifierRoom();
    const { endings, books } = openBooks(room);
    const told = room.listen("user/ada");

    const { bookId } = await books.create("ada", request);
    await books.wait("ada", bookId);
    await books.close();
    await endings.settled();

    const { words } = await books.get("ada", bookId);
    expect((await room.notifier.inbox.list("ada")).notifications).toMatchObject([
      { kind: "badge", badge: "first_book" },
      {
        kind: "book",
        type: "success",
        title: "Your book is ready",
        message: `“The Tides” is complete: ${words} words.`,
        action_url: `/books/${bookId}`,
      },
    ]);
    expect(told.filter(({ type }) => type === "notification")).toHaveLength(2);
    expect((await room.notifier.achievements("ada")).stats).toMatchObject({
      booksCompleted: 1,
      words,
    });
    expect(await room.home.storage.getKeys("book-watches")).toEqual([]);
  });

  it("is announced each time it fails, and then when it is complete", async () => {
    await using room = await openNotifierRoom();
    let fails = true;
    const before = () => {
      room.pass(1);
      if (fails) throw new InkwireError("author_refused_key", "the provider refused the key");
    };
    const { endings, books } = openBooks(room, { before });

    const { bookId } = await books.create("ada", request);
    await books.wait("ada", bookId);
    for (fails of [true, false]) {
      await endings.settled();
      await books.resume("ada", bookId);
      await books.wait("ada", bookId);
    }
    await books.close();
    await endings.settled();

    expect((await titles(room.notifier, "ada")).filter((title) => title !== "First book")).toEqual([
      "Your book is ready",
      "Your book stopped",
      "Your book stopped",
    ]);
    const { notifications } = await room.notifier.inbox.list("ada");
    expect(notifications.at(-1)).toMatchObject({
      type: "error",
      message: "“The Tides”: Chapter 1: the provider refused the key",
    });
  });

  it("is not announced when its owner cancelled it", async () => {
    await using room = await openNotifierRoom();
    const endings = follow(room);

    await endings.bus.publish("user/ada", "book_generation_update", update());
    await endings.bus.publish(
      "user/ada",
      "book_generation_update",
      update({ status: "cancelled" }),
    );
    await endings.settled();

    expect(await titles(room.notifier, "ada")).toEqual([]);
    expect(await room.home.storage.getKeys("book-watches")).toEqual([]);
  });

  it("leads where the application wants", async () => {
    await using room = await openNotifierRoom();
    const endings = follow(room, (bookId) => `https://app.example/read/${bookId}`);

    await endings.bus.publish(
      "user/ada",
      "book_generation_update",
      update({ status: "failed", message: "No" }),
    );
    await endings.settled();

    expect((await room.notifier.inbox.list("ada")).notifications).toMatchObject([
      { action_url: "https://app.example/read/7", message: "“The Tides”: No" },
    ]);
  });

  it("keeps nobody waiting for the disk", async () => {
    await using room = await openNotifierRoom();
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    guardStorage(room.home.storage, "setItem", "", () => gate);
    const endings = follow(room);
    const told = room.listen("user/ada");

    for (let progress = 0; progress < 100; progress++) {
      await endings.bus.publish("user/ada", "book_generation_update", update({ progress }));
    }
    await endings.bus.publish(
      "user/ada",
      "book_generation_update",
      update({ status: "completed", progress: 100 }),
    );
    expect(told).toHaveLength(101);

    open();
    await endings.settled();
    expect(await titles(room.notifier, "ada")).toEqual(["First book", "Your book is ready"]);
  });
});

describe("a book whose process ended at the wrong moment", () => {
  it("is announced by the next one, once", async () => {
    await using room = await openNotifierRoom();
    await using child = startSource("processes/book-ends.ts", import.meta.url, [room.directory]);
    expect(await child.line()).toBe("about to tell");
    await child.kill();
    expect(await titles(room.notifier, "ada")).toEqual([]);

    const { endings, books } = openBooks(room);
    const told = [1, 2].map(() => endings.recover((userId, bookId) => books.get(userId, bookId)));
    expect((await Promise.all(told)).toSorted((a, b) => a - b)).toEqual([0, 1]);
    await books.close();

    expect(await titles(room.notifier, "ada")).toEqual(["First book", "Your book is ready"]);
    expect(await endings.recover((userId, bookId) => books.get(userId, bookId))).toBe(0);
  });

  it("is announced once also when the inbox knew already", async () => {
    await using room = await openNotifierRoom();
    const mend = guardStorage(room.home.storage, "removeItem", "book-watches:", async () => {
      throw new Error("disk");
    });
    const endings = follow(room);
    await endings.bus.publish("user/ada", "book_generation_update", update());
    await endings.bus.publish(
      "user/ada",
      "book_generation_update",
      update({ status: "completed", words: 90 }),
    );
    await endings.settled();
    expect(room.problems).toMatchObject([{ message: "disk" }]);
    mend();

    room.pass(1_000);
    const next = follow(room);
    const state = { status: "completed", title: "The Tides", words: 90 } as const;
    expect(await next.recover(async () => state)).toBe(1);

    expect(await titles(room.notifier, "ada")).toEqual(["First book", "Your book is ready"]);
  });

  it("is left alone while somebody writes it, and forgotten when it is gone", async () => {
    await using room = await openNotifierRoom();
    const endings = follow(room);
    for (const book_id of [7, 8, 9]) {
      await endings.bus.publish("user/ada", "book_generation_update", update({ book_id }));
    }
    await endings.settled();

    const told = await follow(room).recover(async (_, bookId) => {
      if (bookId === 8) throw new InkwireError("not_found", "There is no book 8");
      if (bookId === 9) throw new Error("disk");
      return { status: "processing", title: "The Tides", words: 0 };
    });

    expect(told).toBe(0);
    expect(room.problems).toMatchObject([{ message: "disk" }]);
    const left = await room.home.storage.getKeys("book-watches");
    expect(left.toSorted()).toEqual(["book-watches:7", "book-watches:9"]);
  });
});

it("other messages pass through as they are", async () => {
  await using room = await openNotifierRoom();
  const endings = follow(room);
  const told = room.listen("user/ada", "book/7", "all");
  const piece = { book_id: 7, chapter: 1, offset: 0, text: "a", done: false };

  const message = await endings.bus.publish("book/7", "chapter_text", piece);
  // On another topic it says nothing about anybody.
  await endings.bus.publish("all", "book_generation_update", update({ status: "completed" }));
  await endings.settled();

  expect(message).toMatchObject({ type: "chapter_text", topic: "book/7", data: piece });
  expect(told).toHaveLength(2);
  expect(await titles(room.notifier, "ada")).toEqual([]);
});
