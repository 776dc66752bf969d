import * as fc from "fast-check";
import { expect, test } from "vitest";
import { padEnd, printable, textWidth, truncate, wrap } from "../../src/output/text-width.js";

test.each([
  ["plain", 5],
  ["naïve", 5],
  ["e\u0301te\u0301", 3],
  ["潮の満ち引き", 12],
  ["한국어", 6],
  ["مد وجزر", 7],
  ["ｆｕｌｌ", 8],
  ["🌊", 2],
  ["🇫🇷", 2],
  ["✓ ━╸─ ▸ …", 9],
  ["𠮷", 2],
])("takes %s for %i-column text", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.each([
  ["👨‍👩‍👧‍👦 family", "👨 family"],
  ["👍🏽 ❤️ 1️⃣", "👍 ❤ 1"],
  ["soft\u00adhyphen\u200b and \u2060joiner", "softhyphen and joiner"],
  [`z${"\u0301".repeat(100)}`, "ź\u0301\u0301\u0301\u0301"],
  ["می‌خواهم", "می‌خواهم"],
  ["  a \n\t b  ", "a b"],
])("makes %j printable", (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test("truncates by columns, wide characters included", () => {
  expect(truncate("潮の満ち引き", 7, "…")).toBe("潮の満…");
  expect(truncate("潮の満ち引き", 6, "…")).toBe("潮の…");
  expect(truncate("The Causeway", 6, "…")).toBe("The C…");
  expect(truncate("The Causeway", 5, "…")).toBe("The…");
  expect(truncate("abc", 3, "…")).toBe("abc");
  expect(truncate("abc", 0, "…")).toBe("");
  expect(padEnd("潮", 4)).toBe("潮  ");
});

test("wraps at spaces, between wide characters, and within words that are too long", () => {
  expect(wrap("the water came over", 9)).toEqual(["the water", "came over"]);
  expect(wrap("潮は約束を守る。", 8)).toEqual(["潮は約束", "を守る。"]);
  expect(wrap("潮は約。束", 6)).toEqual(["潮は", "約。束"]);
  expect(wrap("a abcdefgh", 4)).toEqual(["a", "abcd", "efgh"]);
});

const text = fc
  .array(fc.oneof(fc.string(), fc.constantFrom("潮", "é", "🌊", " ", "مد", "e\u0301", "word ")), {
    maxLength: 60,
  })
  .map((parts) => printable(parts.join("")));

test("wraps any text into lines that fit, and loses nothing but spaces", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (given, columns) => {
      const lines = wrap(given, columns);
      for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(columns);
      expect(lines.join("").replaceAll(/\s/g, "")).toBe(given.replaceAll(/\s/g, ""));
    }),
  );
});

test("never moves a line that is full when text is added", () => {
  fc.assert(
    fc.property(text, text, (first, second) => {
      const before = wrap(`${first} `, 20);
      const after = wrap(`${first} ${second}`, 20);
      expect(after.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
    }),
  );
});

test("truncates any text to what fits", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 20 }), (given, columns) => {
      expect(textWidth(truncate(given, columns, "…"))).toBeLessThanOrEqual(columns);
    }),
  );
});
