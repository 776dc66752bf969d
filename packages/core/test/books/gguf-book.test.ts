import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { startGgufServer, whyNoGguf } from "../support/llm/gguf-server.js";
import { openBooksRoom } from "./support/books-room.js";
import { followMessages, startBookProcess } from "./support/killed-book.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const file = process.env["INKWIRE_TEST_GGUF"];
const reason = whyNoGguf(file);
if (reason !== undefined) console.warn(`SKIPPED: a book by a real model (${reason})`);

test.skipIf(reason !== undefined)(
  "a book of 12 chapters by a real model is killed twice on the way, and ends whole",
  { timeout: 300_000 },
  async () => {
    await using server = await startGgufServer(file ?? "");
    await using room = await openBooksRoom(() => createScriptedAuthor());
    const messages = join(room.directory, "messages.jsonl");
    const { baseUrl, model } = server;
    const start = () =>
      startBookProcess({
        home: room.directory,
        messages,
        baseUrl,
        model,
        chapters: 12,
        words: 3_600,
      });
    const done = async (): Promise<string[]> => {
      const [book] = await room.books.list("ada");
      if (book === undefined || book.chapters.length === 0) return [];
      return (await room.books.chapters("ada", 1)).map(({ text }) => text);
    };

    const before: string[][] = [];
    for (const chapters of [2, 7]) {
      const writer = start();
      while ((await done()).length < chapters && !writer.hasEnded) await delay(50);
      await writer.kill();
      before.push(await done());
    }
    const end = await start().end();

    expect(end).toMatchObject({ status: "completed" });
    expect(end.texts).toHaveLength(12);
    for (const text of end.texts) {
      expect(text).toMatch(/[.!?…]["”'’]?\s*$/);
      expect(text.split(/\s+/).length).toBeGreaterThan(100);
    }
    // What was finished before a kill is there to the letter, and the bill is the model's own count.
    for (const kept of before) for (const text of kept) expect(end.texts).toContain(text);
    expect(end.usage?.outputTokens).toBeGreaterThan(12 * 200);
    const seen = followMessages(messages, (chapter, length) =>
      (end.texts[chapter - 1] ?? "").slice(0, length),
    );
    expect([...seen].toSorted(([a], [b]) => a - b).map(([, text]) => text)).toEqual(end.texts);
    const cancelled = (await server.stats()).cancelled;
    expect(cancelled).toBeGreaterThanOrEqual(2);
  },
);
