import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { extractJsonObject } from "../../../../src/books/authors/model/extract-json.js";
import {
  outlineJsonSchema,
  readOutline,
  shareWords,
} from "../../../../src/books/authors/model/outline-shape.js";
import { sampleRequest } from "../../../support/llm/requests.js";

const request = sampleRequest();

function answer(chapters: readonly object[], rest: object = {}): string {
  return JSON.stringify({ premise: "Why.", chapters, ...rest });
}

const three = [
  { number: 1, title: "The Harbour", summary: "Boats.", words: 300 },
  { number: 2, title: "The Storm", summary: "Wind.", words: 300 },
  { number: 3, title: "The Calm", summary: "Peace.", words: 300 },
];

describe("finding the JSON", () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ['Sure! Here it is:\n```json\n{"a":1}\n```\nEnjoy {it}!', { a: 1 }],
    ['<think>{"b":2}</think>\n{"a":"}{"}', { a: "}{" }],
    ['{not json} {"a":"\\"}"} trailing }', { a: '"}' }],
    ["[1,2]", undefined],
    ['{"a":1', undefined],
    ["", undefined],
    ["{".repeat(100_000), undefined],
  ])("in %.60j", (text, value) => {
    expect(extractJsonObject(text)).toEqual(value);
  });
});

describe("reading an outline", () => {
  test("takes it with bare titles, in the order of its numbers, renumbered, words adding up", () => {
    const reading = readOutline(
      answer(
        [
          {
            number: "30",
            title: "**Chapter 3: Chapter 3: The Calm**",
            summary: "Peace.",
            words: "900",
          },
          { number: 10, title: "1. The Harbour", summary: "Boats.", words: 450 },
          { number: 20, title: '"The Storm"', summary: "Wind.\u0000\u001b[31m", words: 450 },
        ],
        { title: "Another title", notes: "ignored" },
      ),
      request,
    );
    expect(reading).toEqual({
      outline: {
        title: "The Tides of Brittany",
        premise: "Why.",
        chapters: [
          { number: 1, title: "The Harbour", summary: "Boats.", words: 225 },
          { number: 2, title: "The Storm", summary: "Wind.[31m", words: 225 },
          { number: 3, title: "The Calm", summary: "Peace.", words: 450 },
        ],
      },
    });
  });

  test("keeps the order of an outline whose numbers say nothing", () => {
    const reading = readOutline(
      answer(three.map((chapter) => ({ ...chapter, number: 1 }))),
      request,
    );
    expect(reading).toHaveProperty("outline.chapters.2.title", "The Calm");
  });

  test("cuts an endless title at a word", () => {
    const [first, ...rest] = three;
    const reading = readOutline(
      answer([{ ...first, title: "salt ".repeat(200) }, ...rest]),
      request,
    );
    const title = "outline" in reading ? reading.outline.chapters[0]?.title : "";
    expect(title).toMatch(/^salt .*salt…$/);
    expect(title?.length).toBeLessThanOrEqual(200);
  });

  test.each([
    ["too few chapters", answer(three.slice(1)), "it has 2 chapters, not 3."],
    ["too many chapters", answer([...three, ...three]), "it has 6 chapters, not 3."],
    [
      "no title of its own",
      answer(three.map((c) => ({ ...c, title: `Chapter ${c.number}` }))),
      "chapter 1 has no title of its own.",
    ],
    [
      "no summary",
      answer(three.map(({ number, title }) => ({ number, title, summary: " \n" }))),
      "chapter 1 has no summary.",
    ],
    ["the wrong shape", '{"chapters":[{"title":7}]}', /^at chapters\.0\.title, invalid type/],
    ["no chapters", "{}", /^at chapters/],
    ["no JSON", "I cannot do that.", "it holds no complete JSON object."],
  ])("refuses %s and says why", (_, text, problem) => {
    const reading = readOutline(text, request);
    expect("problem" in reading ? reading.problem : "").toMatch(problem);
  });

  test("survives any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(readOutline(json, request)).toHaveProperty("problem");
      }),
    );
  });
});

test("shares of words are whole, at least 1, and add up", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer(), fc.double()), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 200, max: 1_000_000 }),
      (wanted, total) => {
        const shares = shareWords(wanted, total);
        expect(shares.every((share) => Number.isInteger(share) && share >= 1)).toBe(true);
        expect(shares.reduce((a, b) => a + b, 0)).toBe(total);
      },
    ),
  );
  expect(shareWords([1, 1, 1], 2)).toEqual([1, 1, 1]);
});

test("the schema asks for exactly the chapters of the request", () => {
  expect(outlineJsonSchema(7)).toMatchObject({
    properties: { chapters: { minItems: 7, maxItems: 7 } },
  });
});
