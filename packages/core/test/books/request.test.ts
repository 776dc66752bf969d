import * as fc from "fast-check";
import { expect, it } from "vitest";
import { bookRequestSchema, parseBookRequest } from "../../src/books/request.js";
import { isInkwireError } from "../../src/protocol/index.js";

function refusal(input: unknown): string {
  try {
    parseBookRequest(input);
  } catch (error) {
    if (isInkwireError(error, "invalid_request")) return error.message;
    throw error;
  }
  throw new Error("it was accepted");
}

it("fills what is not said", () => {
  expect(parseBookRequest({ title: "The Tides of Brittany" })).toEqual({
    title: "The Tides of Brittany",
    brief: "",
    chapters: 12,
    words: 14_400,
    language: "en",
    author: "auto",
  });
});

it("aims at 1,200 words a chapter unless a length is given", () => {
  expect(parseBookRequest({ title: "T", chapters: 3 }).words).toBe(3_600);
  expect(parseBookRequest({ title: "T", chapters: 3, words: 900 }).words).toBe(900);
});

it("takes undefined as not said, and an empty byline as none", () => {
  const request = parseBookRequest({ title: "T", brief: undefined, byline: "  " });
  expect(request.brief).toBe("");
  expect("byline" in request).toBe(false);
});

it("cleans a title: control characters, lone surrogates, white space, direction overrides", () => {
  const { title } = parseBookRequest({
    title: " \u0000Tides\u001b[31m\t of\r\n \ud800Brittany\u202e ",
  });
  expect(title).toBe("Tides[31m of \ufffdBrittany");
  expect(title.isWellFormed()).toBe(true);
});

it("keeps titles that look like paths, shells, markup or another script", () => {
  for (const title of [
    "../../etc/passwd",
    "$(rm -rf ~)",
    "<b>&amp;</b> #let x",
    "\u200fספר",
    "潮の本",
    "👩‍👩‍👧",
  ]) {
    expect(parseBookRequest({ title }).title).toBe(title);
  }
});

it("keeps the lines of a brief", () => {
  expect(parseBookRequest({ title: "T", brief: "one\r\n\r\ntwo\u0007" }).brief).toBe("one\n\ntwo");
});

it("canonicalises the language", () => {
  expect(parseBookRequest({ title: "T", language: "PT-br" }).language).toBe("pt-BR");
});

it.each([
  [{ title: "x".repeat(10_000) }, "title: expected 1 to 300 characters, got 10000"],
  [{ title: " \u0000 " }, "title: expected 1 to 300 characters, got 0"],
  [{ title: "\u200f\u200b" }, "title: expected 1 to 300 characters, got 0"],
  [{ title: 7 }, "title: expected text, got a number"],
  [{ title: "T", brief: "x".repeat(20_001) }, "brief: expected 0 to 20000 characters, got 20001"],
  [{ title: "T", byline: "x".repeat(201) }, "byline: expected 0 to 200 characters, got 201"],
  [{ title: "T", chapters: 0 }, "chapters: expected a whole number from 1 to 200, got 0"],
  [{ title: "T", chapters: 201 }, "chapters: expected a whole number from 1 to 200, got 201"],
  [{ title: "T", chapters: 2.5 }, "chapters: expected a whole number from 1 to 200, got 2.5"],
  [{ title: "T", chapters: "12" }, "chapters: expected a whole number from 1 to 200, got a string"],
  [
    { title: "T", chapters: Number.NaN },
    "chapters: expected a whole number from 1 to 200, got NaN",
  ],
  [{ title: "T", words: 99 }, "words: expected a whole number from 100 to 1000000, got 99"],
  [{ title: "T", words: null }, "words: expected a whole number from 100 to 1000000, got null"],
  [
    { title: "T", language: "not a language" },
    "language: expected a language tag (BCP 47) such as en or pt-BR",
  ],
  [
    { title: "T", author: "Open AI; rm -rf" },
    "author: expected offline, markdown, or <provider>:<model> such as openai:gpt-5",
  ],
  [{}, "title: expected, but missing"],
  [[], "title: expected, but missing"],
  [null, "expected an object with a title"],
  ["The Tides", "expected an object with a title"],
])("refuses %j and names the field", (input, message) => {
  expect(refusal(input)).toBe(message);
});

it("refuses a field that it does not know, by name, and lists those that it knows", () => {
  expect(refusal({ title: "T", chapter: 3 })).toBe(
    "chapter: unknown field, known are title, brief, chapters, words, language, author, byline, maxCostUsd, maxTokens",
  );
});

it("never repeats a hostile field name as it came", () => {
  expect(refusal({ title: "T", [`\u001b[31m${"x".repeat(5_000)}`]: 1 })).toMatch(
    /^\[31mx{1,40}: unknown field/,
  );
});

it("is a Standard Schema for whoever describes an HTTP interface", () => {
  expect(bookRequestSchema["~standard"].vendor).toBe("valibot");
});

it("either gives back a request within all bounds or refuses it, whatever came", () => {
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.anything());
  const anything = fc.record(
    {
      title: fc.string({ unit: "binary", maxLength: 400 }),
      brief: value,
      chapters: fc.oneof(fc.integer(), value),
      words: value,
      language: fc.oneof(fc.constant("de"), value),
      byline: value,
    },
    { requiredKeys: ["title"] },
  );
  fc.assert(
    fc.property(fc.oneof(anything, fc.anything()), (input) => {
      try {
        const request = parseBookRequest(input);
        expect(request.title.length).toBeGreaterThan(0);
        expect(request.title.length).toBeLessThanOrEqual(300);
        expect(request.title.isWellFormed()).toBe(true);
        expect(parseBookRequest(request)).toEqual(request);
      } catch (error) {
        if (!isInkwireError(error, "invalid_request")) throw error;
      }
    }),
  );
});
