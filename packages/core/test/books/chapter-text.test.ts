import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createChapterText } from "../../src/books/chapter-text.js";
import type { BookPublisher } from "../../src/books/publisher.js";
import type { ChapterText } from "../../src/protocol/index.js";

function collect(publish: () => Promise<void> = async () => {}): {
  publisher: BookPublisher;
  pieces: ChapterText[];
} {
  const pieces: ChapterText[] = [];
  const publisher: BookPublisher = {
    publish(_topic, _type, data) {
      pieces.push(data as ChapterText);
      return publish();
    },
    settled: async () => {},
  };
  return { publisher, pieces };
}

it("joins many small writes into few messages, and loses nothing", async () => {
  const { publisher, pieces } = collect();
  const stream = createChapterText({ publisher, bookId: 7, chapter: 3 });
  const words = Array.from({ length: 500 }, (_, index) => `word${index} `);
  for (const word of words) stream.push(word);
  await stream.close();
  expect(pieces.map((piece) => piece.text).join("")).toBe(words.join(""));
  expect(pieces.length).toBeLessThanOrEqual(3);
});

it("sends what waits after the gap, without another write", async () => {
  const { publisher, pieces } = collect();
  const stream = createChapterText({ publisher, bookId: 7, chapter: 3, gapMs: 1 });
  stream.push("slow");
  await expect.poll(() => pieces.length).toBe(1);
  await stream.close();
  expect(pieces).toEqual([{ book_id: 7, chapter: 3, offset: 0, text: "slow", done: false }]);
});

it("gathers text while a slow bus has a message on its way", async () => {
  const gate = Promise.withResolvers<void>();
  const { publisher, pieces } = collect(() => gate.promise);
  const stream = createChapterText({ publisher, bookId: 7, chapter: 3 });
  for (let index = 0; index < 10; index += 1) stream.push("x".repeat(1_500));
  expect(pieces).toHaveLength(1);
  gate.resolve();
  await stream.close();
  expect(pieces).toHaveLength(2);
});

it("has exact offsets, bounded pieces and no cut surrogate pair, whatever is pushed in whatever portions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 60 })),
      fc.integer({ min: 1, max: 900 }),
      async (texts, times) => {
        const { publisher, pieces } = collect();
        const stream = createChapterText({ publisher, bookId: 7, chapter: 3 });
        const portions = texts.map((text) => text.toWellFormed().repeat(times));
        for (const portion of portions) stream.push(portion);
        await stream.close();
        let offset = 0;
        for (const piece of pieces) {
          expect(piece.offset).toBe(offset);
          expect(piece.text.length).toBeLessThanOrEqual(16_384);
          expect(piece.text.isWellFormed()).toBe(true);
          offset += piece.text.length;
        }
        expect(pieces.map((piece) => piece.text).join("")).toBe(portions.join(""));
      },
    ),
    { numRuns: 50 },
  );
});
