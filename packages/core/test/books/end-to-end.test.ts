import { EpubCheck } from "@likecoin/epubcheck-ts";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { createAuthors } from "../../src/books/authors.js";
import { readSource } from "../../src/books/source-loader.js";
import { openBooksRoom, textOf, updatesOf } from "./support/books-room.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

// No key, and nobody is asked on this machine: what is left is the planner.
const authors = createAuthors({
  env: {},
  probe: async () => [],
  wordsPerSecond: null,
});
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

async function faultsOf(epub: Uint8Array): Promise<string[]> {
  const { messages } = await EpubCheck.validate(epub);
  return messages
    .filter(({ severity }) => severity === "error" || severity === "fatal")
    .map(({ id, message }) => `${id}: ${message}`);
}

it("plans a book offline, live, and makes a valid EPUB that says how it was made", async () => {
  await using room = await openBooksRoom(createScriptedAuthor, { authors });
  const messages = room.listen("user/ada", "book/1");
  await room.books.create("ada", {
    title: "The Tides of Brittany",
    chapters: 5,
    brief: "For sailors & their <friends>.",
  });
  const book = await room.books.wait("ada", 1);
  expect(book).toMatchObject({ status: "completed", progress: 100, author: { id: "offline" } });
  expect(book.chapters).toHaveLength(5);
  expect(updatesOf(messages).at(-1)).toMatchObject({ status: "completed" });
  for (const { number, text } of await room.books.chapters("ada", 1)) {
    expect(textOf(messages, number)).toEqual({ text, done: true });
  }
  const file = await room.books.export("ada", 1, "epub");
  expect(file.name).toBe("the-tides-of-brittany.epub");
  expect(await faultsOf(file.bytes)).toEqual([]);
  const html = Buffer.from((await room.books.export("ada", 1, "html")).bytes).toString();
  expect(html).toContain("no language model was used");
  expect(room.problems).toEqual([]);
});

it("typesets the user's own Markdown, pictures included, and never looks at its folder again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "inkwire-source-"));
  await mkdir(join(folder, "img"));
  await writeFile(
    join(folder, "1 Start.md"),
    "# Start\n\nSee [the end](2%20End.md).\n\n![A dot](img/dot.png)\n",
  );
  await writeFile(join(folder, "2 End.md"), "# End\n\n| a | b |\n| - | - |\n| 1 | 2 |\n");
  await writeFile(join(folder, "img", "dot.png"), png);

  await using room = await openBooksRoom(createScriptedAuthor, { authors });
  const source = await readSource([folder]);
  await room.books.create("ada", { title: "My notes" }, { source });
  await rm(folder, { recursive: true });
  const book = await room.books.wait("ada", 1);
  expect(book).toMatchObject({ status: "completed", author: { id: "markdown" } });
  expect(book.chapters.map((chapter) => chapter.title)).toEqual(["Start", "End"]);
  expect(book.targetWords).toBe(book.words);

  const { bytes } = await room.books.export("ada", 1, "epub");
  expect(await faultsOf(bytes)).toEqual([]);
  const picture = Object.entries(unzipSync(bytes)).find(([name]) =>
    name.startsWith("OEBPS/images/"),
  );
  expect(Buffer.from(picture?.[1] ?? [])).toEqual(png);
});
