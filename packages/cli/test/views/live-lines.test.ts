import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyMessage,
  applySnapshot,
  createBookProgress,
} from "../../src/output/progress-model.js";
import { textWidth } from "../../src/output/text-width.js";
import { latestLines } from "../../src/views/latest-text.js";
import { liveLines } from "../../src/views/live-lines.js";
import { planLiveRows } from "../../src/views/live-rows.js";
import { createTerminalLook } from "../../src/views/terminal-look.js";
import { bookView, outlineOf, textMessage, updateMessage } from "../support/book.js";

const NOW = Date.parse("2026-11-22T21:00:00.000Z");
const look = createTerminalLook({ color: true, env: { LANG: "en_US.UTF-8" } });
const size = fc.record({
  columns: fc.integer({ min: 1, max: 200 }),
  rows: fc.integer({ min: 1, max: 60 }),
});
const someText = fc.string({
  unit: fc.constantFrom("a", "b ", "潮", "🌊", "e\u0301", "\n", "\u001B[2J", ". "),
  maxLength: 300,
});

const state = fc
  .record({
    outline: fc.integer({ min: 0, max: 200 }),
    title: someText,
    texts: fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), someText), { maxLength: 8 }),
    progress: fc.double({ min: 0, max: 100, noNaN: true }),
    eta: fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
    retry: fc.boolean(),
    message: someText,
    chosen: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  })
  .map(({ outline, title, texts, progress, eta, retry, message, chosen }) => {
    let book = createBookProgress({ title, bookId: 7, author: "x" }, NOW);
    book = { ...book, chosen };
    const chapters = outlineOf(outline, 0, title);
    book = applySnapshot(book, bookView({ chapters, targetWords: outline * 100 }), NOW);
    for (const [number, text] of texts)
      book = applyMessage(book, textMessage(number, 0, text), NOW);
    const retry_at = new Date(NOW + 9000).toISOString();
    const update = updateMessage({
      progress,
      message,
      ...(eta === undefined ? {} : { eta_seconds: eta }),
    });
    book = applyMessage(book, update, NOW);
    return retry
      ? applyMessage(
          book,
          updateMessage({ message, current_step: "chapter 2", attempt: 2, retry_at }),
          NOW,
        )
      : book;
  });

test("takes at most ten rows and two fewer than the terminal has, each within its columns", () => {
  fc.assert(
    fc.property(state, size, fc.boolean(), (book, terminal, hint) => {
      const lines = liveLines(book, terminal, NOW + 1000, look, hint);
      expect(lines.length).toBeLessThanOrEqual(Math.max(0, Math.min(10, terminal.rows - 2)));
      for (const { text, width } of lines) {
        const plain = stripVTControlCharacters(text);
        expect(plain).not.toMatch(/\n/);
        expect(textWidth(plain.trimEnd())).toBeLessThanOrEqual(width);
        expect(width).toBeLessThanOrEqual(Math.max(1, terminal.columns - 1));
      }
    }),
    { numRuns: 300 },
  );
});

test("gives scarce rows to what matters most", () => {
  const wanted = { notice: true, chapters: 3, text: 3, hint: false };
  const rows = (count: number) => planLiveRows(count, wanted);
  expect(rows(3)).toMatchObject({ bar: true, figures: false });
  expect(rows(5)).toMatchObject({ figures: true, notice: true, chapters: 0 });
  expect(rows(7)).toMatchObject({ chapters: 1, text: 1 });
  expect(rows(10)).toMatchObject({ chapters: 3, text: 2, gapAbove: false });
  expect(rows(24)).toMatchObject({ chapters: 3, text: 2, gapAbove: true, gapInside: true });
  expect(planLiveRows(24, { ...wanted, hint: true })).toMatchObject({ text: 2, hint: true });
  expect(planLiveRows(10, { ...wanted, hint: true })).toMatchObject({ text: 2, hint: false });
});

test("shows whole words as text comes, and never changes a line but the last", () => {
  const text =
    "The water came over the causeway in the time it takes to boil an egg, and nobody forgot.\n\nIt did not roar. It whispered, as congregations do, and was there from edge to edge.";
  const words = new Set(text.split(/\s+/));
  let before: string[] = [];
  for (let length = 1; length <= text.length; length += 1) {
    const lines = latestLines(text.slice(0, length), 30, 99, look);
    expect(lines.flatMap((line) => line.split(" ")).filter((word) => !words.has(word))).toEqual([]);
    expect(lines.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
    before = lines;
  }
  expect(before.at(-1)).toBe("there from edge to edge.");
});

test("cuts what never ends", () => {
  expect(latestLines("x".repeat(5000), 20, 3, look)).toEqual([
    "x".repeat(20),
    "x".repeat(20),
    "x".repeat(20),
  ]);
});
