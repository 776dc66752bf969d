import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endsWhole, wholePart } from "../../src/books/draft-cut.js";

const long = "A sentence of some length that tells of the sea and the harbour. ".repeat(20);

describe("the whole part of a text that was cut", () => {
  it.each([
    ["ends with its last paragraph", "One.\n\nTwo.\n\nThr", "One.\n\nTwo.\n\n"],
    ["is nothing where there is not one", "One. Tw", ""],
    ["is nothing of nothing", "", ""],
    ["is all of it, where it ends with a blank line", "One.\n\n", "One.\n\n"],
    [
      "keeps the sentences of a long paragraph",
      `One.\n\n${long}And th`,
      `One.\n\n${long.trimEnd()}`,
    ],
    ["stops before a fence that is open", "One.\n\n```\ncode\n\nmore", "One.\n\n"],
    ["keeps a fence that is closed", "```\na\n\nb\n```\n\nTw", "```\na\n\nb\n```\n\n"],
    [
      "has no space to hold on to in Chinese",
      `${"潮水来了。".repeat(200)}潮`,
      "潮水来了。".repeat(200),
    ],
  ])("%s", (_, text, whole) => expect(wholePart(text)).toBe(whole));

  it("is a beginning of the text that leaves no fence open, and ends a paragraph, a sentence or a block", () => {
    const piece = fc.constantFrom("word ", "end. ", "\n\n", "```\n", "“Yes!” ", "- item\n", long);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(700), (pieces, maxDropped) => {
        const text = pieces.join("");
        const whole = wholePart(text, maxDropped);
        expect(text.startsWith(whole)).toBe(true);
        expect((whole.match(/^```/gm) ?? []).length % 2).toBe(0);
        expect(whole).toMatch(/^$|\n$|[.!]”?$/);
      }),
    );
  });
});

describe("a text that ends whole", () => {
  it.each([
    "It was over.",
    "“Was it?”",
    "It was *over.*",
    "结束了。",
    "वह चला गया।",
    "انتهى؟",
    "จบแล้ว",
    "1. one\n2. two",
    "| a | b |",
    "```\ncode\n```",
    "**The End**",
    "As others say.[^1]",
    "“But I—”",
    "And they danced 🎉",
    "Done.  \n\n",
  ])("%j", (text) => expect(endsWhole(text)).toBe(true));

  it.each([
    "It was",
    "It was,",
    "Here is why:",
    "## What follows",
    "```\ncode",
    "the 12",
    "",
    "(and so",
  ])("is not %j", (text) => expect(endsWhole(text)).toBe(false));
});
