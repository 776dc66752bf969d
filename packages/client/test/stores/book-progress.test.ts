import type { BookGenerationUpdate } from "@inkwire/core/protocol";
import { expect, it } from "vitest";
import { createBookProgress } from "../../src/stores/book-progress.js";
import { createApi, json, record } from "../support/api.js";

const book = (more: object = {}) => ({
  book_id: 7,
  task_id: "t1",
  title: "Tides",
  status: "processing",
  stopped: false,
  progress: 40,
  words: 1200,
  target_words: 3000,
  chapters_done: 1,
  chapter_count: 3,
  created_at: "2026-01-01T00:00:00.000Z",
  ...more,
});

const update = (more: Partial<BookGenerationUpdate> = {}): BookGenerationUpdate => ({
  book_id: 7,
  task_id: "t1",
  status: "processing",
  progress: 50,
  message: "Chapter 2",
  ...more,
});

it("reads where the book is, and follows it to its end", async () => {
  const { client, clock, settle, calls } = createApi(() => json(book()));
  const store = createBookProgress(client, 7, { clock });
  expect(store.get()).toMatchObject({ isLoading: true, update: undefined, isDone: false });
  await settle();
  expect(calls()).toEqual(["GET api/books/7"]);
  expect(store.get()).toMatchObject({ isLoading: false, update: { progress: 40, words: 1200 } });
  client.emit("book_generation_update", update());
  client.emit("book_generation_update", update({ book_id: 8, progress: 99 }));
  expect(store.get().update).toMatchObject({ progress: 50, message: "Chapter 2" });
  client.emit("book_generation_update", update({ status: "completed", progress: 100 }));
  expect(store.get()).toMatchObject({ isDone: true, update: { status: "completed" } });
});

it("finds out that the book is gone", async () => {
  let isThere = true;
  const { client, clock, settle, calls } = createApi(() =>
    isThere ? json(book()) : json({ code: "not_found", detail: "No such book" }, 404),
  );
  const store = createBookProgress(client, 7, { clock });
  await settle();
  isThere = false;
  client.emit("book_deleted", { book_id: 8 });
  await settle();
  expect(store.get().error).toBeUndefined();
  client.emit("book_deleted", { book_id: 7 });
  await settle();
  expect(store.get()).toMatchObject({ error: { code: "not_found" }, update: { progress: 40 } });
  expect(calls()).toHaveLength(2);
});

it("never goes back within a task, and starts over with a new one", async () => {
  const { client, clock, settle } = createApi(() => json(book()));
  const store = createBookProgress(client, 7, { clock });
  await settle();
  client.emit("book_generation_update", update({ progress: 60 }));
  client.emit("book_generation_update", update({ progress: 10, message: "again" }));
  expect(store.get().update).toMatchObject({ progress: 60, message: "again" });
  client.emit("book_generation_update", update({ task_id: "t2", progress: 0, status: "queued" }));
  expect(store.get().update).toMatchObject({ progress: 0, task_id: "t2" });
});

it("learns of an end that it missed: after a gap the state is read again", async () => {
  let state = book();
  const { client, clock, settle } = createApi(() => json(state));
  const store = createBookProgress(client, 7, { clock });
  await settle();
  state = book({
    status: "failed",
    error: { code: "provider_busy", message: "m", retryable: true },
  });
  client.gap({ kind: "gap", topics: ["book/9"] });
  await settle();
  expect(store.get().isDone).toBe(false);
  client.gap({ kind: "gap", topics: ["user/1"] });
  await settle();
  expect(store.get()).toMatchObject({
    isDone: true,
    update: { status: "failed", error: { code: "provider_busy" } },
  });
});

it("believes a message that came while the answer was on its way, not the older answer", async () => {
  let answer: (response: Response) => void = () => undefined;
  const { client, clock, settle } = createApi(() => new Promise((resolve) => (answer = resolve)));
  const store = createBookProgress(client, 7, { clock });
  await settle();
  client.emit("book_generation_update", update({ status: "completed", progress: 100 }));
  expect(store.get().isDone).toBe(true);
  const seen = record(store);
  answer(json(book({ progress: 90 })));
  await settle();
  expect(store.get()).toMatchObject({ isDone: true, isLoading: false });
  expect(seen.every(({ isDone }) => isDone)).toBe(true);
});

it("says that nobody works on it, until somebody does", async () => {
  const { client, clock, settle } = createApi(() => json(book({ stopped: true })));
  const store = createBookProgress(client, 7, { clock });
  await settle();
  expect(store.get().isStopped).toBe(true);
  client.emit("book_generation_update", update());
  expect(store.get().isStopped).toBe(false);
});

it.each([
  [
    "a login page",
    () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "server_failed",
    true,
  ],
  ["another shape", () => json({ book: 7 }), "server_failed", true],
  ["a list", () => json([1]), "server_failed", true],
  ["nothing", () => new Response(null), "server_failed", true],
  ["half a JSON text", () => new Response('{"book_id":7,'), "server_failed", true],
  ["a proxy's 502", () => new Response("Bad Gateway", { status: 502 }), "server_failed", true],
  ["a limit", () => json({ code: "rate_limited", detail: "slow down" }, 429), "rate_limited", true],
  ["no such book", () => json({ code: "not_found", detail: "no" }, 404), "not_found", false],
  [
    "a refusal of the network",
    () => Promise.reject(new TypeError("fetch failed")),
    "server_unreachable",
    true,
  ],
  ["no end", () => new Response("x".repeat(17 * 1024 * 1024)), "too_large", false],
])("ends in an error and never in a spinner: %s", async (_, respond, code, retries) => {
  let isBroken = true;
  const { client, clock, settle, calls } = createApi(() => (isBroken ? respond() : json(book())));
  const store = createBookProgress(client, 7, { clock, random: () => 0.5 });
  await settle();
  expect(store.get()).toMatchObject({ isLoading: false, update: undefined, error: { code } });
  isBroken = false;
  await clock.advance(60_000);
  expect(calls()).toHaveLength(retries ? 2 : 1);
  if (!retries) store.refresh();
  await settle();
  expect(store.get()).toMatchObject({ error: undefined, update: { progress: 40 } });
});

it("tries again ever more rarely, as late as the server asks, and at once when it is connected again", async () => {
  let isBroken = true;
  const { client, clock, settle, calls } = createApi(() =>
    isBroken ? new Response(null, { status: 503, headers: { "retry-after": "7" } }) : json(book()),
  );
  const store = createBookProgress(client, 7, { clock, random: () => 0 });
  await settle();
  await clock.advance(6_000);
  expect(calls()).toHaveLength(1);
  await clock.advance(2_000);
  expect(calls()).toHaveLength(2);
  isBroken = false;
  client.setState({ status: "waiting" });
  client.setState({ status: "live" });
  await settle();
  expect(calls()).toHaveLength(3);
  expect(store.get().error).toBeUndefined();
});

it("gives up an answer that does not come, and reads again", async () => {
  let isStuck = true;
  const { client, clock } = createApi((request) =>
    isStuck
      ? new Promise((_, reject) =>
          request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)),
        )
      : json(book()),
  );
  const store = createBookProgress(client, 7, { clock, random: () => 0.9 });
  await clock.advance(20_500);
  expect(store.get()).toMatchObject({ isLoading: false, error: { code: "server_unreachable" } });
  isStuck = false;
  await clock.advance(5_000);
  expect(store.get()).toMatchObject({ error: undefined, update: { progress: 40 } });
});

it("reads once where the subscription is about to begin, and again where it begins later", async () => {
  const { client, clock, settle, calls } = createApi(() => json(book()));
  createBookProgress(client, 7, { clock });
  client.join(["all", "user/1"]);
  await settle();
  expect(calls()).toHaveLength(1);
  client.join(["all", "user/1"]);
  await settle();
  expect(calls()).toHaveLength(2);
});

it("hears, reads and keeps nothing after close", async () => {
  const { client, clock, settle, calls } = createApi(() => json(book()));
  const store = createBookProgress(client, 7, { clock });
  store.close();
  store.close();
  client.emit("book_generation_update", update());
  store.refresh();
  await settle();
  expect(calls()).toEqual([]);
  expect(store.get().update).toBeUndefined();
  expect(clock.pending).toBe(0);
});
