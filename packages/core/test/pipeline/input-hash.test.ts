import * as fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson, inputHash } from "../../src/pipeline/input-hash.js";

it("is the same for equal inputs, in whatever order their keys were set", () => {
  expect(inputHash({ b: [1, { d: null, c: "x" }], a: true })).toBe(
    inputHash({ a: true, b: [1, { c: "x", d: null }] }),
  );
  expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
  expect(inputHash(undefined)).toMatch(/^[0-9a-f]{64}$/);
});

it("reads back to the same value, and tells different values apart", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const text = canonicalJson(a);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(sorted(JSON.parse(text))).toEqual(sorted(JSON.parse(JSON.stringify(a))));
      expect(inputHash(a) === inputHash(b)).toBe(text === canonicalJson(b));
    }),
  );
});

it("refuses what JSON cannot hold", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const value of [circle, { n: 1n }]) {
    expect(() => inputHash(value)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  }
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const);
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}
