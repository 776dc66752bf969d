import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMarkdownParser } from "../../../src/books/markdown/parser.js";
import { applyEdits, scanMarkdown } from "../../../src/books/markdown/scan.js";

const parser = createMarkdownParser();
const find = (text: string) =>
  scanMarkdown(text, parser).map(({ kind, destination }) => `${kind} ${destination}`.trim());

describe("scanMarkdown", () => {
  it.each([
    ["[a](b.md)", ["link b.md"]],
    ["![a](b.png 'title')", ["image b.png"]],
    ["[![a](b.png)](c.md)", ["link c.md", "image b.png"]],
    ['[a](<b c.md> "t")', ["link b c.md"]],
    ["[a](b(c).md)", ["link b(c).md"]],
    ['[a]: b.md "t"', ["definition b.md"]],
    ["> [a]: b.md", ["definition b.md"]],
    ["![a][b] ![c]", ["image-reference", "image-reference"]],
    ["`[a](b.md)` ``[a](`b.md)``", []],
    ["    [a](b.md)", []],
    ["```\n[a](b.md)\n```\n[c](d.md)", ["link d.md"]],
    ["- x\n\n      [a](b.md)\n\n  [c](d.md)", ["link d.md"]],
    ["\\[a](b.md)", []],
    ["<b> </b> <https://a.b> a<b", ["tag", "tag", "tag"]],
    ["[a](b", []],
    ["<javascript:x> <a@b.c> <mailto:a@b.c>", ["tag"]],
    ["[^1]: note", []],
  ])("finds in %j: %j", (text, spots) => {
    expect(find(text)).toEqual(spots);
  });

  it("points exactly at what it found", () => {
    const text = "See [the *sea*](<a b.md> 't') and\n[r]: x.md";
    const edits = scanMarkdown(text, parser).map(
      ({ destinationStart: start, destinationEnd: end }) => ({ start, end, text: "Z" }),
    );
    expect(applyEdits(text, edits)).toBe("See [the *sea*](Z 't') and\n[r]: Z");
  });

  it("keeps its offsets in order and inside of any text", () => {
    const parts = fc.constantFrom(
      "[",
      "]",
      "(",
      ")",
      "!",
      "<",
      ">",
      "`",
      "``",
      "\\",
      "\n",
      "\n\n",
      "a",
      " ",
      ":",
      "]: x",
      "](y)",
      "```\n",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (pieces) => {
        const text = pieces.join("");
        for (const spot of scanMarkdown(text, parser)) {
          const { start, labelStart, labelEnd, destinationStart, destinationEnd, end } = spot;
          const offsets = [
            0,
            start,
            labelStart,
            labelEnd,
            destinationStart,
            destinationEnd,
            Math.max(end, destinationEnd),
            text.length,
          ];
          expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it("takes long runs of what opens and never closes in stride", () => {
    for (const run of ["[", "![", "`", "<", "\\", "](", "`a``b```c "]) {
      expect(find(run.repeat(50_000)).length).toBeLessThanOrEqual(50_000);
    }
  });
});
