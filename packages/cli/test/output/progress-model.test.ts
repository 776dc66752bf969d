import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_TAIL } from "../../src/output/chapter-tail.js";
import {
  applyMessage,
  applySnapshot,
  chaptersDone,
  createBookProgress,
  nextRetry,
  secondsLeft,
  secondsTaken,
  totalWords,
  type BookProgress,
  type ChapterProgress,
} from "../../src/output/progress-model.js";
import { bookView, doneMessage, outlineOf, textMessage, updateMessage } from "../support/book.js";

const NOW = Date.parse("2026-11-22T21:00:00.000Z");
const start = createBookProgress({ title: "Tides", bookId: 7, author: "openai:gpt-5" }, NOW);

function chapter(state: BookProgress, number: number): ChapterProgress {
  const found = state.chapters.find((item) => item.number === number);
  if (found === undefined) throw new Error(`no chapter ${number}`);
  return found;
}

/** As books count them, over the whole text at once. */
function countWords(text: string): number {
  const cjk = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}`;
  const letter = String.raw`[[\p{L}\p{N}]--[${cjk}]]`;
  const rest = String.raw`[[\p{L}\p{M}\p{N}]--[${cjk}]]`;
  const word = new RegExp(`[${cjk}]|${letter}${rest}*(?:['’.,\\-_]${rest}+)*`, "gv");
  return [...text.matchAll(word)].length;
}

describe("text", () => {
  test("counts words across the borders of pieces", () => {
    let state = applyMessage(start, textMessage(1, 0, "The wat"), NOW);
    state = applyMessage(state, textMessage(1, 7, "er came"), NOW);
    state = applyMessage(state, textMessage(1, 14, " over.\n\nIt "), NOW);
    expect(chapter(state, 1)).toMatchObject({
      words: 5,
      tail: "The water came over.\n\nIt ",
      length: 25,
    });
  });

  test("cuts the text at an offset before its end", () => {
    let state = applyMessage(start, textMessage(1, 0, "one two three four"), NOW);
    state = applyMessage(state, textMessage(1, 8, "drei"), NOW);
    expect(chapter(state, 1)).toMatchObject({ words: 3, tail: "one two drei", length: 12 });
    state = applyMessage(state, textMessage(1, 0, "anew"), NOW);
    expect(chapter(state, 1)).toMatchObject({ words: 1, tail: "anew", length: 4 });
  });

  test("goes on behind a gap", () => {
    let state = applyMessage(start, textMessage(1, 0, "one two "), NOW);
    state = applyMessage(state, textMessage(1, 5000, "later on"), NOW);
    expect(chapter(state, 1)).toMatchObject({ words: 4, tail: "later on", length: 5008 });
  });

  test("estimates the words before a cut that lies further back than what is kept", () => {
    let state = start;
    for (let index = 0; index < 2000; index += 1)
      state = applyMessage(state, textMessage(1, index * 5, "word "), NOW);
    state = applyMessage(state, textMessage(1, 5000, "again"), NOW);
    expect(chapter(state, 1)).toMatchObject({ words: 1001, tail: "again", length: 5005 });
  });

  test("keeps the end of any text and counts all of it", () => {
    const piece = fc.string({
      unit: fc.constantFrom(
        "a",
        "3",
        " ",
        "\n",
        ".",
        "'",
        "’",
        "-",
        "#",
        "é",
        "\u0301",
        "潮",
        "の",
        "😀",
        "م",
      ),
      maxLength: 400,
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        let state = applyMessage(start, textMessage(1, 0, ""), NOW);
        let whole = "";
        for (const text of pieces) {
          state = applyMessage(state, textMessage(1, whole.length, text), NOW);
          whole += text;
          const { tail, length, words } = chapter(state, 1);
          expect(tail.length).toBeLessThanOrEqual(MAX_TAIL);
          expect(whole.endsWith(tail)).toBe(true);
          expect({ length, words }).toEqual({ length: whole.length, words: countWords(whole) });
        }
      }),
      { numRuns: 50 },
    );
  });

  test("keeps a bounded state, however long the book is", () => {
    let state = applySnapshot(start, bookView({ chapters: outlineOf(3) }), NOW);
    const text = "Sixteen letters. ".repeat(60);
    for (let index = 0; index < 500; index += 1) {
      for (const number of [1, 2, 3])
        state = applyMessage(state, textMessage(number, index * text.length, text), NOW);
    }
    expect(JSON.stringify(state).length).toBeLessThan(3 * MAX_TAIL + 4000);
  });
});

describe("chapters", () => {
  test("come in order, also before there is an outline", () => {
    let state = start;
    for (const number of [3, 1, 2])
      state = applyMessage(state, textMessage(number, 0, "text"), NOW);
    expect(state.chapters.map((item) => item.number)).toEqual([1, 2, 3]);
    expect(state.outlined).toBe(false);
  });

  test("have begun when their step is told, before their first text", () => {
    let state = applySnapshot(start, bookView({ chapters: outlineOf(3, 1) }), NOW);
    state = applyMessage(state, updateMessage({ current_step: "chapter 2" }), NOW);
    state = applyMessage(state, updateMessage({ current_step: "chapter 1" }), NOW);
    expect(state.chapters.map((item) => item.state)).toEqual(["done", "writing", "waiting"]);
  });

  test("took the time from their first text to their end", () => {
    let state = applyMessage(start, updateMessage({ current_step: "chapter 1" }), NOW);
    state = applyMessage(state, textMessage(1, 0, "text"), NOW + 1000);
    state = applyMessage(state, doneMessage(1, 4), NOW + 13_000);
    expect(secondsTaken(chapter(state, 1))).toBe(12);
    expect(chaptersDone(state)).toBe(1);
  });

  test("that were written before took no time", () => {
    const state = applyMessage(start, doneMessage(1, 4000), NOW);
    expect(secondsTaken(chapter(state, 1))).toBe(0);
  });

  test("keep what a newer message told when an older record is read", () => {
    let state = applyMessage(start, textMessage(1, 0, "some text"), NOW);
    state = applyMessage(state, doneMessage(1, 9), NOW + 5000);
    state = applyMessage(state, textMessage(2, 0, "more text here"), NOW + 5000);
    state = applySnapshot(state, bookView({ chapters: outlineOf(3) }), NOW + 5000);
    expect(state.chapters.map((item) => [item.title, item.state, item.words])).toEqual([
      ["Part 1", "done", 2],
      ["Part 2", "writing", 3],
      ["Part 3", "waiting", 0],
    ]);
  });

  test("count no word twice that a record told before its text came", () => {
    const [first, ...others] = outlineOf(2);
    const chapters = [{ ...first, state: "writing" as const, words: 2 }, ...others] as never;
    let state = applySnapshot(start, bookView({ chapters }), NOW);
    expect(chapter(state, 1).words).toBe(2);
    const late = applyMessage(state, textMessage(1, 9, "and more"), NOW);
    expect(chapter(late, 1).words).toBe(4);
    state = applyMessage(state, textMessage(1, 0, "some text and more"), NOW);
    expect(chapter(state, 1).words).toBe(4);
  });

  test("have no target where the author writes to no length", () => {
    const offline = bookView({
      author: { id: "offline", label: "" },
      targetWords: 300,
      chapters: outlineOf(1),
    });
    const state = applySnapshot(start, offline, NOW);
    expect([state.targetWords, chapter(state, 1).targetWords]).toEqual([undefined, undefined]);
  });
});

describe("the whole", () => {
  test("never goes back", () => {
    let state = applyMessage(start, updateMessage({ progress: 40 }), NOW);
    state = applyMessage(state, updateMessage({ progress: 30 }), NOW);
    state = applySnapshot(state, bookView({ progress: 20 }), NOW);
    expect(state.percent).toBe(40);
  });

  test("has at least the words that were reported", () => {
    let state = applyMessage(start, updateMessage({ words: 500 }), NOW);
    state = applyMessage(state, textMessage(1, 0, "one two"), NOW);
    expect(totalWords(state)).toBe(500);
  });

  test("has an estimate only as long as the last update gave one, and counts it down", () => {
    let state = applyMessage(start, updateMessage({ eta_seconds: 60 }), NOW);
    expect(secondsLeft(state, NOW + 20_000)).toEqual({ seconds: 40, low: 40, high: 40 });
    expect(secondsLeft(state, NOW + 70_000)).toBeUndefined();
    state = applyMessage(state, updateMessage(), NOW);
    expect(secondsLeft(state, NOW)).toBeUndefined();
  });

  test("leaves what belongs to other books and to nobody's book alone", () => {
    const other = { ...textMessage(1, 0, "text").data, book_id: 8 };
    expect(applyMessage(start, { ...textMessage(1, 0, ""), data: other } as never, NOW)).toBe(
      start,
    );
    expect(applyMessage(start, updateMessage({ book_id: 8, progress: 50 }), NOW)).toBe(start);
    const inbox = {
      id: "e.1",
      type: "inbox_update",
      topic: "user/1",
      time: "",
      data: { unread: 1 },
    } as const;
    expect(applyMessage(start, inbox, NOW)).toBe(start);
    expect(applySnapshot(start, bookView({ id: 8, progress: 50 }), NOW)).toBe(start);
  });
});

describe("a retry", () => {
  const retry = (number: number, seconds: number) =>
    updateMessage({
      current_step: `chapter ${number}`,
      message: `Chapter ${number}: the provider is busy`,
      retry_at: new Date(NOW + seconds * 1000).toISOString(),
      attempt: 2,
    });

  test("stays while others go on, until its time comes", () => {
    let state = applyMessage(start, retry(3, 8), NOW);
    state = applyMessage(state, retry(2, 4), NOW);
    state = applyMessage(state, updateMessage({ current_step: "chapter 1" }), NOW + 1000);
    expect(nextRetry(state, NOW + 1000)?.chapter).toBe(2);
    expect(nextRetry(state, NOW + 5000)?.chapter).toBe(3);
    expect(nextRetry(state, NOW + 9000)).toBeUndefined();
  });

  test("ends with the first text or the next update of its step", () => {
    const waiting = applyMessage(start, retry(3, 8), NOW);
    expect(nextRetry(applyMessage(waiting, textMessage(3, 0, "text"), NOW), NOW)).toBeUndefined();
    expect(
      nextRetry(applyMessage(waiting, updateMessage({ current_step: "chapter 3" }), NOW), NOW),
    ).toBeUndefined();
  });
});

describe("the chapter whose lines are shown", () => {
  test("stays while it is written, and gives way when it is done or silent", () => {
    let state = applyMessage(start, textMessage(1, 0, "text"), NOW);
    state = applyMessage(state, textMessage(2, 0, "text"), NOW + 100);
    expect(state.focus).toBe(1);
    const silent = applyMessage(state, textMessage(2, 4, "text"), NOW + 3100);
    expect(silent.focus).toBe(2);
    state = applyMessage(state, doneMessage(1, 4), NOW + 200);
    expect(state.focus).toBe(1);
    state = applyMessage(state, textMessage(2, 4, "text"), NOW + 300);
    expect(state.focus).toBe(2);
  });
});
