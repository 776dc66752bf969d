import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cleanLine,
  cleanText,
  countWords,
  createTextCleaner,
  isRightToLeft,
  slug,
} from "../../src/books/text.js";

/** Any UTF-16 units, the ones that hurt far more often than chance would have it. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\r",
        "\n",
        "\r\n",
        "\uD83D",
        "\uDE00",
        "\0",
        "\u001B[31m",
        "\u202E",
        "\uFFFE",
        "\u{1FFFF}",
        "a",
        " ",
      ),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join(""));

describe("cleanText", () => {
  it("keeps tabs, line feeds and every printable character", () => {
    const text = "a\tb\nc é ж 日本 👩‍👩‍👧‍👦 \u2066isolate\u2069";
    expect(cleanText(text)).toBe(text);
  });

  it("makes line ends LF and lone surrogates visible, and drops what breaks XML, terminals and reading order", () => {
    expect(cleanText("a\r\nb\rc")).toBe("a\nb\nc");
    expect(cleanText("\uD800x\uDC00")).toBe("\uFFFDx\uFFFD");
    expect(
      cleanText("a\0\u0008\u000B\u000C\u001B\u007F\u0085\uFFFE\uFFFF\u{1FFFE}\uFDD0\u202Ab\u202Ec"),
    ).toBe("abc");
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
      }),
    );
  });

  it("cleans a stream as it would the whole, wherever it is cut", () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(7)), (text, cuts) => {
        const cleaner = createTextCleaner();
        let out = "";
        let at = 0;
        for (const length of [...cuts, text.length]) {
          out += cleaner.push(text.slice(at, at + length));
          at += length;
        }
        expect(out + cleaner.end()).toBe(cleanText(text));
      }),
    );
  });

  it("folds a line", () => {
    expect(cleanLine("  a\r\n\t b\u0000 c ")).toBe("a b c");
  });
});

describe("countWords", () => {
  it.each([
    ["", 0],
    [" \n*** -- | ", 0],
    ["The sea, it comes.", 4],
    ["don't well-known 3.14 1,200", 4],
    ["日本語 ひらがな", 7],
    ["한국어 단어", 2],
    ["Straße été", 2],
    ["| a | b |\n|---|---|", 2],
  ])("counts %j as %i", (text, words) => {
    expect(countWords(text)).toBe(words);
  });
});

describe("slug", () => {
  it.each([
    ["The Tides of Brittany", "the-tides-of-brittany"],
    ["Ärger & Straße: Œuvre d'été", "arger-strasse-oeuvre-dete"],
    ["../../etc/passwd", "etc-passwd"],
    ["", "book"],
    ["..", "book"],
    ["日本語", "book"],
    ["CON", "book-con"],
    ["com1", "book-com1"],
    ["\uD800\0", "book"],
    ["$(rm -rf ~)", "rm-rf"],
  ])("of %j is %j", (title, name) => {
    expect(slug(title)).toBe(name);
  });

  it("is a safe file name for any title", () => {
    fc.assert(
      fc.property(anyText, (title) => {
        expect(slug(title)).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$/);
      }),
    );
    expect(slug("word ".repeat(2_000)).length).toBeLessThanOrEqual(60);
    expect(slug("w".repeat(10_000))).toHaveLength(60);
  });
});

describe("isRightToLeft", () => {
  it("knows languages by their script", () => {
    for (const language of ["ar", "he", "fa-IR", "az-Arab", "ur", "yi"])
      expect(isRightToLeft(language)).toBe(true);
    for (const language of ["en", "az", "ar-Latn", "ja", "", "not a tag!"])
      expect(isRightToLeft(language)).toBe(false);
  });
});
