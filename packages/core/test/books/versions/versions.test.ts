import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MAX_VERSIONS } from "../../../src/books/versions/version-store.js";
import { openBooksRoom, textOf, type BooksRoom } from "../support/books-room.js";
import { createScriptedAuthor } from "../support/scripted-author.js";

async function finishedBook(room: BooksRoom): Promise<number> {
  const { bookId } = await room.books.create("ada", { title: "Tides", chapters: 3, words: 600 });
  expect((await room.books.wait("ada", bookId)).status).toBe("completed");
  return bookId;
}

const open = (calls: string[] = []) => openBooksRoom(() => createScriptedAuthor({ calls }));

test("an edit is a version that is read, exported and told to readers; the author's own is kept", async () => {
  const calls: string[] = [];
  await using room = await open(calls);
  const id = await finishedBook(room);
  const before = await room.books.chapter("ada", id, 2);
  const bought = calls.length;
  const messages = room.listen(`book/${id}`);
  const text = `My own words. ${"A long paragraph. ".repeat(4_000)}`.trim();
  expect(await room.books.versions.edit("ada", id, 2, { text, title: "The Storm" })).toEqual({
    version: 2,
    stale: [3],
  });

  expect(await room.books.chapter("ada", id, 2)).toEqual({ title: "The Storm", text, done: true });
  const view = await room.books.get("ada", id);
  expect(view.chapters[1]).toMatchObject({ title: "The Storm", version: 2, words: 12_003 });
  expect(view.chapters[2]).toMatchObject({ stale: true });
  expect(view.chapters[0]).not.toHaveProperty("stale");
  const markdown = Buffer.from((await room.books.export("ada", id, "markdown")).bytes).toString();
  expect(markdown).toContain("My own words.");
  await expect.poll(() => textOf(messages, 2)).toEqual({ text, done: true });

  const versions = await room.books.versions.list("ada", id, 2);
  expect(versions.map(({ version, origin, current }) => [version, origin, current])).toEqual([
    [1, "written", false],
    [2, "edited", true],
  ]);
  expect(versions[0]?.title).toBe(before.title);
  // Nothing was bought for it, and nothing is when the book is looked at again.
  await room.books.recover();
  expect(calls).toHaveLength(bought);
});

test("a diff names the paragraphs that changed, and a revert brings the old text back as a new version", async () => {
  await using room = await open();
  const id = await finishedBook(room);
  const { text } = await room.books.chapter("ada", id, 1);
  await room.books.versions.edit("ada", id, 1, {
    text: text.replace("Sentence 3 of chapter 1", "A better third sentence"),
  });
  const diff = await room.books.versions.diff("ada", id, 1);
  expect(diff.split("\n").filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
    "-Sentence 3 of chapter 1 says that the tide comes in, and that the tide goes out.",
    "+A better third sentence says that the tide comes in, and that the tide goes out.",
  ]);
  expect(diff).toContain("chapter-1.v1.md");

  expect(await room.books.versions.revert("ada", id, 1, 1)).toEqual({ version: 3, stale: [] });
  expect((await room.books.chapter("ada", id, 1)).text).toBe(text);
  expect((await room.books.get("ada", id)).chapters[1]).not.toHaveProperty("stale");
  await expect(room.books.versions.revert("ada", id, 1, 3)).rejects.toMatchObject({
    code: "invalid_request",
  });
  await expect(room.books.versions.revert("ada", id, 1, 9)).rejects.toMatchObject({
    code: "not_found",
  });
});

test("only so many versions are kept: the first and the newest", async () => {
  await using room = await open();
  const id = await finishedBook(room);
  for (let edit = 0; edit < MAX_VERSIONS + 5; edit += 1) {
    await room.books.versions.edit("ada", id, 1, { text: `Edit ${edit}.` });
  }
  const versions = (await room.books.versions.list("ada", id, 1)).map(({ version }) => version);
  expect(versions).toHaveLength(MAX_VERSIONS);
  expect(versions[0]).toBe(1);
  expect(versions.at(-1)).toBe(MAX_VERSIONS + 6);
  await room.books.remove("ada", id);
  expect(await room.home.storage.getKeys("versions")).toEqual([]);
  expect(await room.home.storage.getKeys("heads")).toEqual([]);
});

test("what can't be is refused: another's book, a chapter that is not there, nothing, and too much", async () => {
  await using room = await open();
  const id = await finishedBook(room);
  const { edit } = { edit: room.books.versions.edit.bind(room.books.versions) };
  await expect(edit("eve", id, 1, { text: "x" })).rejects.toMatchObject({ code: "not_found" });
  await expect(edit("ada", id, 9, { text: "x" })).rejects.toMatchObject({ code: "not_found" });
  await expect(edit("ada", id, 0, { text: "x" })).rejects.toMatchObject({ code: "not_found" });
  for (const change of [
    { text: "" },
    { text: " \u0000 " },
    { title: "" },
    { title: "x".repeat(301) },
    { text: "x".repeat(2_000_001) },
    {},
  ]) {
    await expect(edit("ada", id, 1, change)).rejects.toMatchObject({ code: "invalid_request" });
  }
  expect(await room.home.storage.getKeys("versions")).toEqual([]);
});

test("two edits at once: each is a version or is refused, and none is lost", async () => {
  await using room = await open();
  const id = await finishedBook(room);
  const edits = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      room.books.versions.edit("ada", id, 1, { text: `Edit ${index}.` }),
    ),
  );
  const made = edits.filter(({ status }) => status === "fulfilled");
  expect(made.length).toBeGreaterThan(0);
  expect(await room.books.versions.list("ada", id, 1)).toHaveLength(1 + made.length);
});

test("a damaged version is named, and the author's text counts again", async () => {
  await using room = await open();
  const id = await finishedBook(room);
  const { text } = await room.books.chapter("ada", id, 1);
  await room.books.versions.edit("ada", id, 1, { text: "Mine." });
  const folder = join(room.directory, "records", "versions", `${id}`, "1");
  const file = (await readdir(folder)).find((name) => name.startsWith("2"));
  await writeFile(join(folder, file ?? ""), '{"v":1,"data":{"vers');
  expect((await room.books.chapter("ada", id, 1)).text).toBe(text);
  expect(room.problems).toMatchObject([{ code: "record_damaged" }]);
});
