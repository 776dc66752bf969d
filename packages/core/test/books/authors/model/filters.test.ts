import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bareTitle,
  isChapterHeading,
} from "../../../../src/books/authors/model/chapter-heading.js";
import { createContinuationFilter } from "../../../../src/books/authors/model/continuation-filter.js";
import { createOpeningFilter } from "../../../../src/books/authors/model/opening-filter.js";
import {
  createThinkingFilter,
  type TextFilter,
} from "../../../../src/books/authors/model/thinking-filter.js";
import { createWordFilter } from "../../../../src/books/authors/model/word-filter.js";

const chapter = { number: 3, title: "The Salt Road" };

function run(filter: TextFilter, pieces: readonly string[]): string {
  return pieces.map((piece) => filter.push(piece)).join("") + filter.end();
}

/** Cuts `text` at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
}

/** Every way of cutting gives what the whole gives. */
function expectSameHoweverCut(make: () => TextFilter, text: string): string {
  const whole = run(make(), [text]);
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { maxLength: 12 }), (places) => {
      expect(run(make(), cut(text, places))).toBe(whole);
    }),
    { numRuns: 60 },
  );
  expect(run(make(), text.split(""))).toBe(whole);
  return whole;
}

describe("thinking", () => {
  test.each([
    ["<think>plan\nplan</think>\n\nThe sea.", "\n\nThe sea."],
    ["<THINKING>plan</Thinking>The sea.", "The sea."],
    ["The <think>a < b</think>sea <thinking>x</thinking>rose.", "The sea rose."],
    ["<thought>x</thought><Reasoning>y</reasoning>The sea.", "The sea."],
    ["a < b and <thin lines> and <thinker> stay", "a < b and <thin lines> and <thinker> stay"],
    ["ends with <thin", "ends with <thin"],
    ["ends inside <think>never closed", "ends inside "],
  ])("leaves %j as %j, however it is cut", (text, shown) => {
    expect(expectSameHoweverCut(() => createThinkingFilter(), text)).toBe(shown);
  });

  test("tells an end mark without a beginning, and starts inside a block on demand", () => {
    const first = createThinkingFilter();
    expect(run(first, ["plan plan</th", "ink>text"])).toBe("plan plantext");
    expect(first.leaked).toBe(true);
    const second = createThinkingFilter({ startsInside: true });
    expect(run(second, ["plan plan</th", "ink>text"])).toBe("text");
    expect(second).toMatchObject({ leaked: false, isInside: false });
  });

  test("holds nothing of ten megabytes of thinking", () => {
    const filter = createThinkingFilter();
    filter.push("<think>");
    for (let index = 0; index < 160; index++) {
      expect(filter.push("x<".repeat(32_768))).toBe("");
    }
    expect(filter.isInside).toBe(true);
    expect(filter.push("</think>done")).toBe("done");
  });
});

describe("opening", () => {
  test.each([
    ["\n\n  \nThe sea.", "The sea."],
    ["Sure, here is the chapter:\n\nThe sea.", "The sea."],
    ["Certainly! Here's Chapter 3:\n---\nThe sea.", "The sea."],
    ["Here is chapter 3 of your book:\n\n# Chapter 3: The Salt Road\n\nThe sea.", "The sea."],
    ["**Chapter Three: The Salt Road**\n\nThe sea.", "The sea."],
    ["The Salt Road\n=============\n\nThe sea.", "The sea."],
    ["## 3. “The Salt Road”\nThe sea.", "The sea."],
    ["### Kapitel 3\nDas Meer.", "Das Meer."],
  ])("leaves %j as %j, however it is cut", (text, shown) => {
    expect(expectSameHoweverCut(() => createOpeningFilter(chapter), text)).toBe(shown);
  });

  test.each([
    "The Salt Road went on for a hundred miles.\nAnd on.",
    "Of course, here nothing ever moved.\n\nThe sea.",
    "Here is the thing:\n\nNobody came.",
    "Sure as the tide, it rose:\n\nup and up.",
    "Chapters end. Seas do not.\n\nThe sea.",
    "## The first morning\n\nThe sea.",
    "---\n\nThe sea.",
    "3 ships came in.\nAnd left.",
    "- one\n- two",
  ])("keeps %j", (text) => {
    expect(expectSameHoweverCut(() => createOpeningFilter(chapter), text)).toBe(text);
  });

  test("shows prose from its first words and holds no flood of white space", () => {
    const filter = createOpeningFilter(chapter);
    for (let index = 0; index < 100; index++) expect(filter.push(" ".repeat(10_000))).toBe("");
    expect(filter.push("A ")).toContain("A ");
  });

  test("lets go of a line that is nothing but a heading at the end", () => {
    expect(run(createOpeningFilter(chapter), ["# The Salt Road"])).toBe("");
    expect(run(createOpeningFilter(chapter), ["The Salt"])).toBe("The Salt");
  });
});

describe("titles", () => {
  test.each([
    ["Chapter 1: Chapter 1", 1, ""],
    ["Chapter 1: Chapter 1: The Harbour", 1, "The Harbour"],
    ["**Chapter One — The Harbour**", 1, "The Harbour"],
    ['# "The Harbour"', 1, "The Harbour"],
    ["2. The Storm", 2, "The Storm"],
    ["第三章 鹽", 3, "鹽"],
    ["1984: A Year", 1, "1984: A Year"],
    ["Chapter House: A History", 1, "Chapter House: A History"],
    ["Глава 2. Шторм", 2, "Шторм"],
  ])("%j of chapter %i is %j", (line, number, bare) => {
    expect(bareTitle(line, number)).toBe(bare);
  });

  test("a title is taken for a heading in any dress, other lines are not", () => {
    expect(isChapterHeading("CHAPTER III. The salt road", 3, "The Salt Road")).toBe(true);
    expect(isChapterHeading("The Salt Road and back", 3, "The Salt Road")).toBe(false);
  });
});

describe("continuation", () => {
  test.each([
    ["It rose and fell. The old ", "man walked on.", "man walked on."],
    ["It rose and fell. The old ", " man walked on.", "man walked on."],
    ["It rose and fell.", "Then it stopped.", " Then it stopped."],
    ["海は静かだった。", "そして夜。", "そして夜。"],
    ["It rose and fell.\n\n", "Then it stopped.", "Then it stopped."],
    ["The tide rose and fell again. ", "The tide rose and fell again. Then night.", "Then night."],
    ["all of it was **", "gone** by then", "gone** by then"],
  ])("after %j, %j goes on as %j", (before, text, joined) => {
    expect(expectSameHoweverCut(() => createContinuationFilter(before), text)).toBe(joined);
  });

  test("passes the first answer through", () => {
    expect(createContinuationFilter("").push(" as it is")).toBe(" as it is");
  });
});

describe("words", () => {
  test("holds the last word until something follows it", () => {
    const filter = createWordFilter();
    expect(filter.push("The old fish")).toBe("The old ");
    expect(filter.push("erman's boat. ")).toBe("fisherman's boat. ");
    expect(filter.push("Gone")).toBe("");
    filter.forgetHalfWord();
    expect(filter.end()).toBe("");
  });

  test("loses nothing and adds nothing, however text is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
        expect(run(createWordFilter(), text.split(""))).toBe(text);
      }),
    );
  });

  test("holds back at most one word of a text without spaces", () => {
    const filter = createWordFilter();
    const shown = filter.push("海".repeat(10_000));
    expect(shown.length).toBeGreaterThanOrEqual(10_000 - 40);
  });
});
