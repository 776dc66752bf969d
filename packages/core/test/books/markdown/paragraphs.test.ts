import { expect, it } from "vitest";
import { paragraphsOf } from "../../../src/books/markdown/paragraphs.js";
import { createMarkdownParser } from "../../../src/books/markdown/parser.js";

it("parts a text where no inline markup reaches across: blocks, items, cells, and no code", () => {
  const text =
    "one\ntwo\n\n- a\n- b\n\n```\ncode\n```\n| c \\| d | `e |\n|-|-|\n# f\n> g\n\n    code";
  const parts = [...paragraphsOf(text, createMarkdownParser())].map(([start, end]) =>
    text.slice(start, end).trim(),
  );
  expect(parts).toEqual(["one\ntwo", "- a", "- b", "c \\| d", "`e", "-", "-", "# f", "> g"]);
});
