import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeBible } from "../../../src/books/bible/bible.js";
import { chapterOrder, dependantsOf } from "../../../src/books/bible/dependencies.js";
import { checkFacts, maxFactsPerChapter } from "../../../src/books/bible/facts.js";
import { bibleSlice, maxSliceChars } from "../../../src/books/bible/slice.js";
import type { OutlineChapter } from "../../../src/books/types.js";

const fact = (subject: string, about: string, text: string, kind = "person") =>
  ({ kind, subject, about, fact: text }) as ReturnType<typeof checkFacts>[number];

const plan = (number: number, more: Partial<OutlineChapter> = {}): OutlineChapter => ({
  number,
  title: `Part ${number}`,
  summary: "",
  words: 100,
  ...more,
});

describe("facts", () => {
  it("take whatever an author says, and keep what is one", () => {
    expect(
      checkFacts([
        null,
        "x",
        { subject: "Yann" },
        { kind: "wizard", subject: "Yann\u0000\n", about: null, fact: "He is\u001B[31m twelve." },
        { kind: "person", subject: "Yann", about: "", fact: "He is thirteen." },
        { kind: "person", subject: 7, fact: "x" },
      ]),
    ).toEqual([{ kind: "person", subject: "Yann", about: "", fact: "He is thirteen." }]);
  });

  it("are bounded, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.anything(), { maxLength: 50 }), (values) => {
        const facts = checkFacts(values);
        expect(facts.length).toBeLessThanOrEqual(maxFactsPerChapter);
      }),
    );
    const endless = Array.from({ length: 500 }, (_, index) => ({
      subject: `s${index}`,
      fact: "x".repeat(1e5),
    }));
    expect(JSON.stringify(checkFacts(endless)).length).toBeLessThan(6_000);
  });
});

describe("the bible", () => {
  it("keeps the versions of a fact in the order of the book, whichever came first", () => {
    const chapters = [
      { number: 5, facts: [fact("yann", "age", "Yann is thirteen.")] },
      { number: 1, facts: [fact("Yann", "age", "Yann is twelve.")] },
      { number: 3, facts: [fact("Yann", "age", "Yann is twelve.")] },
    ];
    expect(makeBible(chapters)).toEqual([
      {
        kind: "person",
        subject: "Yann",
        about: "age",
        versions: [
          { chapter: 1, fact: "Yann is twelve." },
          { chapter: 5, fact: "Yann is thirteen." },
        ],
      },
    ]);
  });

  it("gives a chapter the newest version of what its plan names, then promises, then the newest", () => {
    const before = [
      {
        number: 1,
        facts: [fact("Yann", "age", "He is twelve."), fact("Marie", "home", "She lives in Brest.")],
      },
      { number: 2, facts: [fact("The letter", "state", "Nobody has read it.", "promise")] },
      {
        number: 3,
        facts: [
          fact("Yann", "age", "He is thirteen."),
          fact("The bell", "sound", "It is cracked.", "thing"),
        ],
      },
    ];
    const chapter = plan(6, { summary: "Yann comes home." });
    expect(bibleSlice(before, chapter)).toHaveLength(4);
    expect(bibleSlice(before, chapter, 75)).toEqual(["Yann, age: He is thirteen. (chapter 3)"]);
    expect(bibleSlice(before, chapter, 95)).toEqual([
      "Yann, age: He is thirteen. (chapter 3)",
      "The letter, state: Nobody has read it. (chapter 2)",
    ]);
  });

  it("never gives more than its bound", () => {
    const before = Array.from({ length: 200 }, (_, index) => ({
      number: index + 1,
      facts: [fact(`s${index}`, "a", "x".repeat(200))],
    }));
    expect(bibleSlice(before, plan(201)).join("\n").length).toBeLessThanOrEqual(maxSliceChars);
  });
});

describe("the order of chapters", () => {
  it("lets three run side by side where the outline says nothing", () => {
    const order = chapterOrder([1, 2, 3, 4, 5, 6].map((number) => plan(number)));
    expect(order).toEqual([[], [], [], [0], [0, 1], [0, 1, 2]]);
  });

  it("waits for those that the outline names, and for what those rest on", () => {
    const chapters = [
      plan(1),
      plan(2, { after: [1] }),
      plan(3, { after: [2] }),
      plan(4, { after: [] }),
      plan(5, { after: [3, 9, 5, -1, 1.5] }),
    ];
    expect(chapterOrder(chapters)).toEqual([[], [0], [0, 1], [], [0, 1, 2]]);
    expect(dependantsOf(1, chapters)).toEqual([2, 3, 5]);
    expect(dependantsOf(4, chapters)).toEqual([]);
  });

  it("only ever waits for earlier ones, so that it comes to an end", () => {
    const after = fc.option(fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 5 }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(after, { maxLength: 40 }), (all) => {
        const order = chapterOrder(
          all.map((one, index) => plan(index + 1, one === undefined ? {} : { after: one })),
        );
        for (const [index, rests] of order.entries()) {
          expect(rests.every((other) => other >= 0 && other < index)).toBe(true);
        }
      }),
    );
  });
});
