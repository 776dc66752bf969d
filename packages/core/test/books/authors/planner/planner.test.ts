import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chapterPrompt } from "../../../../src/books/authors/model/prompts.js";
import { planOutline } from "../../../../src/books/authors/planner/outline.js";
import {
  createPlanner,
  type PlannerOptions,
} from "../../../../src/books/authors/planner/planner.js";
import { createMarkdownParser } from "../../../../src/books/markdown/parser.js";
import { countWords } from "../../../../src/books/text.js";
import type { BookRequest } from "../../../../src/books/types.js";
import { isInkwireError } from "../../../../src/protocol/index.js";

const request: BookRequest = {
  title: "The Tides of Brittany",
  brief: "A novel about a lighthouse keeper's daughter in Saint-Malo.",
  chapters: 12,
  words: 14_400,
  language: "en",
  author: "offline",
};
const idle = new AbortController().signal;

async function write(
  number: number,
  of: BookRequest = request,
  options: PlannerOptions = { wordsPerSecond: null },
  signal = idle,
): Promise<string[]> {
  const author = createPlanner(options);
  const outline = await author.outline(of, { signal: idle, write: () => {} });
  const chapter = outline.chapters[number - 1];
  if (chapter === undefined) throw new Error("no such chapter");
  const pieces: string[] = [];
  await author.chapter(
    { request: of, outline, chapter, bookId: 1 },
    { signal, write: (text) => pieces.push(text) },
  );
  return pieces;
}

const anyRequest = fc.record({
  title: fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  brief: fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom("", "A guide to bread", "A thriller", "~~~\n```\n# {x} {title} $& \\"),
  ),
  chapters: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 })),
  words: fc.integer({ min: 100, max: 1_000_000 }),
  language: fc.constantFrom("en", "fr", "ar"),
  author: fc.constant("offline"),
});

describe("the planner's outline", () => {
  it("has the chapters asked for, whose targets make the words asked for, and no title twice", () => {
    fc.assert(
      fc.property(anyRequest, (of) => {
        const { chapters, premise } = planOutline(of);
        expect(chapters.map(({ number }) => number)).toEqual(
          Array.from({ length: of.chapters }, (_, index) => index + 1),
        );
        expect(chapters.reduce((sum, { words }) => sum + words, 0)).toBe(of.words);
        expect(new Set(chapters.map(({ title }) => title)).size).toBe(of.chapters);
        expect(
          chapters.every(
            ({ summary, title }) =>
              summary !== "" && title.trim() !== "" && !summary.includes("{x}"),
          ),
        ).toBe(true);
        expect(premise).toContain("?");
      }),
      { numRuns: 60 },
    );
  });

  it("is the same for the same request, and another for another", () => {
    expect(planOutline({ ...request })).toEqual(planOutline(request));
    expect(planOutline({ ...request, title: "The Tides of Normandy" })).not.toEqual(
      planOutline(request),
    );
    expect(planOutline({ ...request, author: "openai:x" })).toEqual(planOutline(request));
  });

  it("follows the kind of book that the brief speaks of, and takes up its words", () => {
    expect(planOutline(request).premise).toContain("a story in three acts");
    const guide = planOutline({ ...request, title: "Bread", brief: "A practical guide" });
    expect(guide.premise).toContain("from a first case to practice");
    expect(
      planOutline(request).chapters.some(({ title }) => /Tides|Brittany|Saint-Malo/.test(title)),
    ).toBe(true);
    expect(JSON.stringify(guide.chapters)).toContain("“Bread”");
  });
});

describe("the planner's chapter", () => {
  it("is a plan to work with: goal, sections with targets, questions, bible, continuity, and the exact prompt", async () => {
    const text = (await write(3)).join("");
    for (const heading of [
      "Goal",
      "What the reader takes away",
      "Sections",
      "Questions to answer before writing",
      "Story bible: settle here",
      "Continuity",
      "The prompt for this chapter",
    ]) {
      expect(text).toContain(`## ${heading}\n`);
    }
    const outline = planOutline(request);
    const chapter = outline.chapters[2];
    if (chapter === undefined) throw new Error("no chapter 3");
    const { system, user } = chapterPrompt({ request, outline, chapter });
    expect(text).toContain(`\n${system}\n`);
    expect(text).toContain(`\n${user}\n`);
    const targets = [...text.matchAll(/^\| \d .*\| ([\d,]+) \|$/gm)].map(([, words = ""]) =>
      Number(words.replaceAll(",", "")),
    );
    expect(targets.reduce((sum, words) => sum + words, 0)).toBe(chapter.words);
  });

  it("says nothing different the second time, and something else in each chapter", async () => {
    expect(await write(3)).toEqual(await write(3));
    const texts = await Promise.all(
      [1, 2, 3, 12].map(async (number) => (await write(number)).join("")),
    );
    expect(new Set(texts).size).toBe(4);
  });

  it("keeps what the request says as plain text, whatever it says", async () => {
    const parser = createMarkdownParser().set({ html: true, typographer: false });
    await fc.assert(
      fc.asyncProperty(anyRequest, async (of) => {
        const text = (await write(1, of)).join("");
        const fences = parser.parse(text, {}).filter(({ type }) => type === "fence");
        expect(fences).toHaveLength(2);
        expect(fences[1]?.content).toContain("[inkwire chapter 1 of ");
      }),
      { numRuns: 60 },
    );
    const hostile = (
      await write(1, {
        ...request,
        title: "<script>alert(1)</script> [x](javascript:y)",
        brief: "",
      })
    ).join("");
    expect(parser.render(hostile)).not.toMatch(/<script|href="javascript/);
  });

  it("streams word by word at the pace that was asked for", async () => {
    const pauses: number[] = [];
    const pieces = await write(3, request, {
      wordsPerSecond: 100,
      sleep: (ms) => Promise.resolve(pauses.push(ms)),
    });
    const words = pieces.length;
    expect(pieces.every((piece) => piece.trim() !== "" && !/\S\s+\S/.test(piece))).toBe(true);
    const seconds = pauses.reduce((sum, ms) => sum + ms, 0) / 1_000;
    expect(seconds).toBeGreaterThan(words / 100 - 0.1);
    expect(seconds).toBeLessThanOrEqual(words / 100);
  });

  it("makes a book of twelve chapters that is watched for some ten to twenty seconds", async () => {
    const lengths = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => (await write(index + 1)).length),
    );
    const seconds =
      lengths.reduce((sum, length) => sum + length, 0) / 250 / createPlanner().concurrency;
    expect(seconds).toBeGreaterThan(8);
    expect(seconds).toBeLessThan(20);
    expect(countWords((await write(1)).join(""))).toBeGreaterThan(300);
  });

  it("stops at once when it is told to, also while it waits", async () => {
    const abort = new AbortController();
    const reason = new Error("cancelled");
    setTimeout(() => abort.abort(reason), 5);
    expect(
      await write(3, request, { wordsPerSecond: 0.001 }, abort.signal).catch(
        (error: unknown) => error,
      ),
    ).toBe(reason);
    expect(
      await write(3, request, { wordsPerSecond: null }, AbortSignal.abort(reason)).catch(
        (error: unknown) => error,
      ),
    ).toBe(reason);
  });

  it("refuses a pace that is none", () => {
    for (const wordsPerSecond of [0, -1, Number.NaN, Infinity]) {
      let failed: unknown;
      try {
        createPlanner({ wordsPerSecond });
      } catch (error) {
        failed = error;
      }
      expect(isInkwireError(failed, "invalid_option")).toBe(true);
    }
  });
});
