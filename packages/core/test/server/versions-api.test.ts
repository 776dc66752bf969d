import { expect, it } from "vitest";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { openServerRoom, type ServerRoom } from "./support/server-room.js";

const asked = { title: "The Tides of Brittany", chapters: 3, words: 900 };
const at = "/api/books/1/chapters/2";

async function finishedBook(room: ServerRoom): Promise<void> {
  await room.ask("POST /api/books", { as: "ada", body: asked });
  await room.inkwire.books.wait("ada", 1);
}

it("edits a chapter, lists and compares its versions, goes back, and says which others may no longer fit", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  await finishedBook(room);
  const before = (await ask(`GET ${at}`, { as: "ada" })).json.text as string;

  const edited = await ask(`POST ${at}/edit`, { as: "ada", body: { text: `${before}\n\nMore.` } });
  expect(edited).toMatchObject({ status: 200, json: { version: 2, stale: [3] } });
  expect((await ask(`GET ${at}`, { as: "ada" })).json.text).toBe(`${before}\n\nMore.`);
  const { json: book } = await ask("GET /api/books/1", { as: "ada" });
  expect(book.chapters[1]).toMatchObject({ number: 2, version: 2 });
  expect(book.chapters[2]).toMatchObject({ number: 3, stale: true });
  expect(book.chapters[0]).not.toHaveProperty("stale");

  const diff = await ask(`GET ${at}/diff`, { as: "ada" });
  expect(diff.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(diff.text).toContain("+More.");
  expect((await ask(`GET ${at}/diff?from=2&to=1`, { as: "ada" })).text).toContain("-More.");

  const back = await ask(`POST ${at}/revert`, { as: "ada", body: { version: 1 } });
  expect(back).toMatchObject({ status: 200, json: { version: 3, stale: [] } });
  const { json: list } = await ask(`GET ${at}/versions`, { as: "ada" });
  expect(list.versions).toMatchObject([
    { version: 1, origin: "written", current: false },
    { version: 2, origin: "edited", current: false },
    { version: 3, origin: "reverted", current: true },
  ]);
});

it("tells the price first, writes again when asked, and takes one job of a book at a time", async () => {
  let pauseMs = 0;
  await using room = await openServerRoom({ author: () => createScriptedAuthor({ pauseMs }) });
  const { ask, inkwire } = room;
  await finishedBook(room);
  const price = await ask(`GET ${at}/estimate`, { as: "ada" });
  expect(price).toMatchObject({ status: 200, json: { is_free: true, requests: { low: 0 } } });

  pauseMs = 20;
  const begun = await ask(`POST ${at}/regenerate`, { as: "ada", body: { max_tokens: 5_000 } });
  expect(begun).toMatchObject({ status: 202, json: { book_id: 1 } });
  const other = await ask("POST /api/books/1/chapters/3/regenerate", { as: "ada" });
  expect(other).toMatchObject({ status: 409, json: { code: "job_busy", retryable: true } });
  expect(await ask("POST /api/books/1/resume", { as: "ada" })).toMatchObject({
    status: 409,
    json: { code: "job_busy" },
  });
  const taskId = begun.json.task_id as string;
  const task = (as = "ada") => ask(`GET /api/books/1/tasks/${taskId}`, { as });
  expect(await task()).toMatchObject({
    status: 200,
    json: { book_id: 1, task_id: taskId, chapter: 2, running: true },
  });
  const { change } = await inkwire.books.versions.wait("ada", 1, taskId);
  expect(change).toMatchObject({ version: 2 });
  const ended = await task();
  expect(ended.json).toEqual({
    book_id: 1,
    task_id: taskId,
    chapter: 2,
    status: "completed",
    running: false,
    change: { version: 2, stale: [3] },
  });
  expect((await task("bob")).status).toBe(404);
  for (const other of ["book-1-chapter-2-v9", "book-1", "A.b"])
    expect((await ask(`GET /api/books/1/tasks/${other}`, { as: "ada" })).status, other).toBe(404);
});

it("refuses what makes no sense, and never tells of another user's book", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  await finishedBook(room);
  for (const [call, body] of [
    [`POST ${at}/edit`, {}],
    [`POST ${at}/edit`, { text: "" }],
    [`POST ${at}/edit`, { text: 5 }],
    [`POST ${at}/edit`, { title: "x".repeat(301) }],
    [`POST ${at}/edit`, { text: "x", other: 1 }],
    [`POST ${at}/revert`, {}],
    [`POST ${at}/revert`, { version: "1" }],
    [`POST ${at}/revert`, { version: 1 }],
    [`POST ${at}/regenerate`, { max_cost_usd: -1 }],
    [`GET ${at}/diff?from=x`, undefined],
  ] as const) {
    expect((await ask(call, { as: "ada", body })).status, call).toBe(400);
  }
  expect((await ask(`POST ${at}/revert`, { as: "ada", body: { version: 9 } })).status).toBe(404);
  expect((await ask("GET /api/books/1/chapters/4/versions", { as: "ada" })).status).toBe(404);
  for (const call of [
    `GET ${at}/versions`,
    `GET ${at}/diff`,
    `GET ${at}/estimate`,
    `POST ${at}/regenerate`,
  ]) {
    expect((await ask(call, { as: "bob" })).status, call).toBe(404);
    expect((await ask(call)).status, call).toBe(401);
  }
  expect((await ask(`POST ${at}/edit`, { as: "bob", body: { text: "mine" } })).status).toBe(404);
  expect((await ask(`GET ${at}/versions`, { as: "ada" })).json.versions).toHaveLength(1);
});
