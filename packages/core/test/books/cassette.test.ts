import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import {
  readCassette,
  startCassettePlayer,
  startCassetteRecorder,
  unfold,
  type CassetteAnswer,
} from "../support/llm/cassette.js";
import { startGgufServer, whyNoGguf } from "../support/llm/gguf-server.js";
import { createOpenAICompatibleAuthor } from "../../src/books/authors/model/providers/openai-compatible.js";
import { openBooksRoom, textOf } from "./support/books-room.js";

const request = { title: "The little boat", brief: "For children.", chapters: 2, words: 360 };
const makeAuthor = (baseUrl: string) => () =>
  createOpenAICompatibleAuthor({
    provider: "local",
    model: "stories260K",
    baseUrl,
    concurrency: 1,
  });

/** All the text that the chapters of a recording have, in the order in which it was sent. */
function recordedText({ chunks, around }: CassetteAnswer): string {
  const events = chunks
    .map(([, text]) => unfold(text, around))
    .join("")
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"));
  return events
    .map(
      (event) => JSON.parse(event.slice(6)) as { choices: Array<{ delta: { content?: string } }> },
    )
    .map(({ choices }) => choices[0]?.delta.content ?? "")
    .join("");
}

test("a recorded book is the same book every time, live in the pace in which it was written", async () => {
  const cassette = await readCassette("little-boat");
  const texts: Array<readonly string[]> = [];
  for (const speed of [4, 100]) {
    await using player = await startCassettePlayer(cassette, speed);
    await using room = await openBooksRoom(makeAuthor(player.baseUrl));
    const messages = room.listen("book/1");
    const began = performance.now();
    await room.books.create("ada", request);
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    const elapsed = performance.now() - began;

    const chapters = await room.books.chapters("ada", 1);
    for (const { number, text } of chapters) {
      expect(textOf(messages, number)).toEqual({ text, done: true });
      const first = cassette.answers.find(({ marker }) =>
        marker.startsWith(`[inkwire chapter ${number} `),
      );
      expect(first && recordedText(first).trim().startsWith(text.slice(0, 60))).toBe(true);
    }
    texts.push(chapters.map(({ text }) => text));
    const recordedMs = cassette.answers
      .flatMap(({ chunks }) => chunks)
      .reduce((sum, [ms]) => sum + ms, 0);
    // Never faster than it is played; a busy machine may be slower.
    expect(elapsed).toBeGreaterThan((0.8 * recordedMs) / speed);
  }
  expect(texts[1]).toEqual(texts[0]);
});

/** Makes the recording anew: `INKWIRE_RECORD=1 INKWIRE_TEST_GGUF=… pnpm exec vitest run --project core test/books/cassette`. */
test.skipIf(process.env["INKWIRE_RECORD"] !== "1")(
  "records a book of a real model",
  async () => {
    const file = process.env["INKWIRE_TEST_GGUF"];
    expect(whyNoGguf(file)).toBeUndefined();
    await using real = await startGgufServer(file ?? "");
    await using recorder = await startCassetteRecorder(real.baseUrl);
    await using room = await openBooksRoom(makeAuthor(recorder.baseUrl));
    await room.books.create("ada", request);
    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    const { answers } = recorder;
    const cassette = {
      recordedFrom: "stories260K.gguf, node-llama-cpp 3.22.1, one thread",
      answers,
    };
    const path = new URL("../fixtures/cassettes/little-boat.json", import.meta.url);
    await writeFile(path, `${JSON.stringify(cassette)}\n`);
  },
  240_000,
);
