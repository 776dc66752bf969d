import { expect, it } from "vitest";
import { formatCount, formatSeconds, plural } from "../../src/output/words.js";

it.each([
  [-1, "0.0 s"],
  [0.44, "0.4 s"],
  [42.4, "42 s"],
  [59.7, "1 min 0 s"],
  [200, "3 min 20 s"],
  [7_500, "2 h 5 min"],
  [7_199, "2 h 0 min"],
])("says %d seconds as %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

it("says numbers and what they count", () => {
  expect(formatCount(18_034)).toBe("18,034");
  expect([plural(0, "word"), plural(1, "word"), plural(1_200, "word")]).toEqual([
    "0 words",
    "1 word",
    "1,200 words",
  ]);
});
