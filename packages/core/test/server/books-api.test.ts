import { expect, it } from "vitest";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { openServerRoom } from "./support/server-room.js";

const asked = { title: "The Tides of Brittany", chapters: 2, words: 600 };

it("takes a book, lists it, shows it, gives its text and its files, and deletes it", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  const created = await ask("POST /api/books", { as: "ada", body: asked });
  expect(created).toMatchObject({
    status: 202,
    json: { book_id: 1, task_id: "book-1", status: "queued" },
  });
  expect(created.headers.get("location")).toBe("/api/books/1");
  await room.inkwire.books.wait("ada", 1);

  expect((await ask("GET /api/books", { as: "ada" })).json).toMatchObject({
    books: [{ book_id: 1, status: "completed", progress: 100, chapters_done: 2, chapter_count: 2 }],
  });
  const { json: book } = await ask("GET /api/books/1", { as: "ada" });
  expect(book).toMatchObject({
    title: asked.title,
    premise: "What The Tides of Brittany is about.",
    usage: { input_tokens: 20, output_tokens: 60, estimated: false },
  });
  expect(book.chapters.map(({ state }: { state: string }) => state)).toEqual(["done", "done"]);

  const { json: whole } = await ask("GET /api/books/1/chapters/2", { as: "ada" });
  expect(whole).toMatchObject({ title: "Part 2", offset: 0, done: true });
  expect(whole.cursor).toBe(room.inkwire.bus.head());

  for (const [format, type, name] of [
    ["epub", "application/epub+zip", "the-tides-of-brittany.epub"],
    ["markdown", "text/markdown", "the-tides-of-brittany.md"],
    ["html", "text/html", "the-tides-of-brittany.html"],
  ]) {
    const file = await ask(`GET /api/books/1/export?format=${format}`, { as: "ada" });
    expect(file.status).toBe(200);
    expect(file.headers.get("content-type")).toContain(type);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
    const etag = file.headers.get("etag") ?? "";
    const again = await ask(`GET /api/books/1/export?format=${format}`, {
      as: "ada",
      headers: { "if-none-match": `"other", W/${etag}` },
    });
    expect(again).toMatchObject({ status: 304, text: "" });
    expect(again.headers.get("etag")).toBe(etag);
  }

  const { bus } = room.inkwire;
  const told: unknown[] = [];
  const topics = ["user/ada", "user/bob", "all"] as const;
  const subscription = bus.subscribe(topics, { after: bus.head() });
  const listening = (async () => {
    for await (const { topic, type, data } of subscription) told.push({ topic, type, data });
  })();
  expect((await ask("DELETE /api/books/1", { as: "bob" })).status).toBe(404);
  expect((await ask("DELETE /api/books/1", { as: "ada" })).status).toBe(204);
  expect((await ask("GET /api/books/1", { as: "ada" })).status).toBe(404);
  expect((await ask("DELETE /api/books/1", { as: "ada" })).status).toBe(404);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  // Each device of its owner, once; nobody else, and not what was refused.
  expect(told).toEqual([{ topic: "user/ada", type: "book_deleted", data: { book_id: 1 } }]);
  await bus.close();
  await listening;
});

it("says what a book would take without making one, and only for authors that users may choose", async () => {
  const author = {
    ...createScriptedAuthor(),
    billings: [
      { author: "openai", model: "gpt-4o-mini", endpoint: "https://api.openai.com/v1/responses" },
    ],
  };
  await using room = await openServerRoom({ author: () => author });
  const estimate = (body: object) => room.ask("POST /api/books/estimate", { as: "ada", body });
  const short = await estimate({ ...asked, author: "offline" });
  expect(short).toMatchObject({ status: 200, json: { is_free: false } });
  const long = await estimate({ ...asked, chapters: 20, words: 60_000 });
  expect(long.json.requests.low).toBeGreaterThan(short.json.requests.high);
  expect(long.json.output_tokens.low).toBeGreaterThan(short.json.output_tokens.high);
  for (const wrong of [{ ...asked, chapters: 0 }, {}, { ...asked, author: "gguf:/etc/passwd" }]) {
    expect(await estimate(wrong)).toMatchObject({ status: 400, json: { code: "invalid_request" } });
  }
  expect((await room.ask("POST /api/books/estimate", { body: asked })).status).toBe(401);
  expect((await room.ask("GET /api/books", { as: "ada" })).json).toEqual({ books: [] });
});

it("gives a chapter from an offset, never inside a surrogate pair, and all of it to who has more than there is", async () => {
  const text = "The tide 🌊 comes in.\n";
  await using room = await openServerRoom({
    author: () => createScriptedAuthor({ pieces: () => [text] }),
  });
  const { ask } = room;
  await ask("POST /api/books", { as: "ada", body: { ...asked, chapters: 1 } });
  await room.inkwire.books.wait("ada", 1);
  const { json: whole } = await ask("GET /api/books/1/chapters/1", { as: "ada" });
  const wave = text.indexOf("🌊");
  const from = async (offset: number) =>
    (await ask(`GET /api/books/1/chapters/1?from=${offset}`, { as: "ada" })).json;

  expect(await from(4)).toMatchObject({ offset: 4, text: whole.text.slice(4) });
  expect(await from(wave + 1)).toMatchObject({ offset: wave, text: whole.text.slice(wave) });
  expect(await from(whole.text.length)).toMatchObject({ offset: whole.text.length, text: "" });
  expect(await from(whole.text.length + 1)).toMatchObject({ offset: 0, text: whole.text });
});

it("joins the live text at the cursor of a chapter that is being written, without a hole", async () => {
  await using room = await openServerRoom({
    author: () => createScriptedAuthor({ pauseMs: 2 }),
  });
  const { ask, inkwire } = room;
  await ask("POST /api/books", { as: "ada", body: { ...asked, chapters: 1 } });
  // Again and again in the middle: each time the text so far and what follows its cursor make the whole.
  const joins: Array<{ offset: number; text: string; cursor: string }> = [];
  await expect
    .poll(
      async () => {
        const { json } = await ask("GET /api/books/1/chapters/1", { as: "ada" });
        if (json?.text !== undefined) joins.push(json);
        return json?.done === true;
      },
      { timeout: 15_000, interval: 20 },
    )
    .toBe(true);
  await inkwire.books.wait("ada", 1);
  const { text: whole } = (await ask("GET /api/books/1/chapters/1", { as: "ada" })).json;
  expect(joins.length).toBeGreaterThan(3);
  for (const { text: start, cursor } of joins) {
    const { envelopes, verdict } = await inkwire.bus.replay(["book/1"], cursor);
    expect(verdict).toBe("recovered");
    let text = start;
    for (const { message } of envelopes) {
      const { offset, text: piece } = message.data as { offset: number; text: string };
      expect(offset).toBeLessThanOrEqual(text.length);
      text = text.slice(0, offset) + piece;
    }
    expect(text).toBe(whole);
  }
});

it("pages newest first with a cursor that is nobody's permission", async () => {
  await using room = await openServerRoom({
    author: () => createScriptedAuthor({ pieces: () => ["x"] }),
  });
  const { ask } = room;
  for (let book = 0; book < 5; book += 1) {
    await ask("POST /api/books", { as: "ada", body: { ...asked, chapters: 1 } });
  }
  const ids: number[] = [];
  let cursor = "";
  do {
    const { json } = await ask(`GET /api/books?limit=2${cursor}`, { as: "ada" });
    ids.push(...json.books.map(({ book_id: id }: { book_id: number }) => id));
    // Another's list is another's, whatever the cursor.
    const bob = await ask(`GET /api/books?limit=2${cursor}`, { as: "bob" });
    expect(bob.json).toEqual({ books: [] });
    cursor = json.next === undefined ? "" : `&cursor=${json.next}`;
  } while (cursor !== "");
  expect(ids).toEqual([5, 4, 3, 2, 1]);
});

it("cancels, resumes, and refuses what does not fit the state of a book", async () => {
  let open = (): void => {};
  const held = new Promise<void>((resolve) => (open = resolve));
  let isHeld = true;
  await using room = await openServerRoom({
    author: () =>
      createScriptedAuthor({
        before: async (_chapter, signal) => {
          if (!isHeld) return;
          await Promise.race([
            held,
            new Promise((_, reject) =>
              signal.addEventListener("abort", () => reject(signal.reason as Error)),
            ),
          ]);
        },
      }),
  });
  const { ask } = room;
  await ask("POST /api/books", { as: "ada", body: asked });
  await expect
    .poll(async () => (await ask("GET /api/books/1", { as: "ada" })).json.chapter_count)
    .toBe(2);
  expect(await ask("DELETE /api/books/1", { as: "ada" })).toMatchObject({
    status: 409,
    json: { code: "job_busy" },
  });
  expect(await ask("POST /api/books/1/resume", { as: "ada" })).toMatchObject({ status: 409 });
  expect(await ask("GET /api/books/1/export", { as: "ada" })).toMatchObject({
    status: 409,
    json: { code: "conflict" },
  });

  expect((await ask("POST /api/books/1/cancel", { as: "ada" })).status).toBe(202);
  expect((await room.inkwire.books.wait("ada", 1)).status).toBe("cancelled");
  isHeld = false;
  open();
  expect((await ask("POST /api/books/1/resume", { as: "ada" })).status).toBe(202);
  expect((await room.inkwire.books.wait("ada", 1)).status).toBe("completed");
  expect(await ask("POST /api/books/1/resume", { as: "ada" })).toMatchObject({
    status: 409,
    json: { code: "job_finished" },
  });
});

it.each([
  ["nothing", undefined, "expected"],
  ["a list", [], "expected"],
  ["no title", {}, "title"],
  ["a title of one long line", { title: "x".repeat(301) }, "title"],
  ["a title of control characters", { title: "\u0000\u0007" }, "title"],
  ["half a chapter", { title: "x", chapters: 1.5 }, "chapters"],
  ["201 chapters", { title: "x", chapters: 201 }, "chapters"],
  ["words as text", { title: "x", words: "many" }, "words"],
  ["a language that is none", { title: "x", language: "!!" }, "language"],
  ["an unknown field", { title: "x", admin: true }, "admin"],
  [
    "the name of a field in the program's own spelling",
    { title: "x", maxTokens: 5_000 },
    "maxTokens",
  ],
  ["a limit of nothing", { title: "x", max_cost_usd: 0 }, "max_cost_usd"],
])("refuses %s as a book, says which field, and makes none", async (_name, body, field) => {
  await using room = await openServerRoom();
  const { status, json, headers } = await room.ask("POST /api/books", { as: "ada", body });
  expect(status).toBe(400);
  expect(headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  expect(json).toMatchObject({ status: 400, code: "invalid_request", retryable: false });
  expect(json.detail).toContain(field);
  expect((await room.ask("GET /api/books", { as: "ada" })).json).toEqual({ books: [] });
});

it("pauses a book, goes on with higher limits, and shows what it used by part", async () => {
  await using room = await openServerRoom({ author: () => createScriptedAuthor({ pauseMs: 2 }) });
  const { ask } = room;
  await ask("POST /api/books", { as: "ada", body: { ...asked, max_tokens: 90_000 } });
  expect((await ask("GET /api/books/1", { as: "ada" })).json.ledger.limits).toEqual({
    max_tokens: 90_000,
  });
  expect((await ask("POST /api/books/1/pause", { as: "ada" })).status).toBe(202);
  await expect
    .poll(async () => (await ask("GET /api/books/1", { as: "ada" })).json, { timeout: 10_000 })
    .toMatchObject({ stopped: true, paused: { code: expect.any(String) } });
  expect(
    await ask("POST /api/books/1/resume", { as: "ada", body: { max_tokens: 1 } }),
  ).toMatchObject({
    status: 400,
    json: { code: "invalid_request" },
  });
  const resumed = await ask("POST /api/books/1/resume", {
    as: "ada",
    body: { max_tokens: 95_000 },
  });
  expect(resumed).toMatchObject({
    status: 202,
    json: { ledger: { limits: { max_tokens: 95_000 } } },
  });
  expect((await room.inkwire.books.wait("ada", 1)).status).toBe("completed");
});

it.each([
  "GET /api/books/0",
  "GET /api/books/-1",
  "GET /api/books/01",
  "GET /api/books/1e3",
  "GET /api/books/99999999999999999999",
  "GET /api/books/%00",
  "GET /api/books/%E0%A4%A",
  "GET /api/books/..%2f..%2fetc",
  "GET /api/books/1/chapters/0",
  "GET /api/books/1/chapters/99",
  "GET /api/books/1/chapters/x",
])("%s is as missing as what never was", async (call) => {
  await using room = await openServerRoom();
  await room.ask("POST /api/books", { as: "ada", body: asked });
  await room.inkwire.books.wait("ada", 1);
  expect(await room.ask(call, { as: "ada" })).toMatchObject({
    status: 404,
    json: { code: "not_found" },
  });
});

it.each([
  "GET /api/books?limit=0",
  "GET /api/books?limit=101",
  "GET /api/books?limit=ten",
  "GET /api/books?limit=1&limit=2",
  "GET /api/books?cursor=n1",
  "GET /api/books?cursor=bzzzzzzzzzzzz",
  "GET /api/books?colour=blue",
  "GET /api/books/1/chapters/1?from=-1",
  "GET /api/books/1/chapters/1?from=1.5",
  "GET /api/books/1/chapters/1?from=",
  "GET /api/books/1/export?format=doc",
])("%s is refused, not guessed at", async (call) => {
  await using room = await openServerRoom();
  const { status, json } = await room.ask(call, { as: "ada" });
  expect(status).toBe(400);
  expect(["bad_request", "invalid_cursor"]).toContain(json.code);
});
