import { assert, constantFrom, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { sanitizeJson, sanitizeLine, sanitizeText } from "../../src/output/sanitize.js";

const hostile = string({
  unit: constantFrom(
    // Code units: lone surrogates are among them.
    ..."\u0000\u0007\b\t\n\r\u001B\u007F\u009B\u009D\u009C\u061C\u200E\u202E\u2066\u2028\uFEFF\uFFFF\uD800\uDC00".split(
      "",
    ),
    ..."[]0;31mPX^_\\ aé漢".split(""),
    "👩‍🚀",
  ),
  maxLength: 60,
});
const dangerous = new RegExp(
  String.raw`(?![\t\n])[\p{Cc}\p{Bidi_Control}\p{Cs}\p{Noncharacter_Code_Point}\uFEFF]`,
  "u",
);

describe("sanitizeText", () => {
  it("lets nothing through that a terminal acts on, whatever comes", () => {
    assert(
      property(hostile, (text) => {
        expect(sanitizeText(text)).not.toMatch(dangerous);
        expect(sanitizeLine(text)).not.toMatch(/[\n\t]/);
      }),
    );
  });

  it("is done after once", () => {
    assert(
      property(hostile, (text) => {
        const once = sanitizeText(text);
        expect(sanitizeText(once)).toBe(once);
      }),
    );
  });

  it.each([
    ["colours", "a\u001B[31;1mred\u001B[0mb", "aredb"],
    ["a window title", "a\u001B]0;owned\u0007b", "ab"],
    ["a window title that ends with ST", "a\u001B]0;owned\u001B\\b", "ab"],
    ["a clipboard write without an end", "a\u001B]52;c;aGk=\nb", "a\nb"],
    ["a hyperlink", "\u001B]8;;https://a.example\u001B\\here\u001B]8;;\u001B\\", "here"],
    ["C1 controls", "a\u009B2Jb\u009D0;x\u009Cc", "abc"],
    ["a device string", "a\u001BP+q544e\u001B\\b", "ab"],
    ["a full reset", "a\u001Bcb", "ab"],
    ["backspaces that overtype", "safe\b\b\b\bevil", "safeevil"],
    ["a reordered file name", "report\u202Efdp.exe", "reportfdp.exe"],
    ["a lone surrogate", "a\uD83Db", "a\uFFFDb"],
    ["NUL", "a\u0000b", "ab"],
    ["CRLF and its relatives", "a\r\nb\rc\u2028d", "a\nb\nc\nd"],
  ])("takes away %s", (_what, text, expected) => {
    expect(sanitizeText(text)).toBe(expected);
  });

  it("keeps what people write", () => {
    const text = "Çà\t漢字 עברית العربية ไทย 👩‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 क्‍ष — “x”\n";
    expect(sanitizeText(text)).toBe(text);
  });

  it("takes time in proportion to the text", () => {
    const started = performance.now();
    for (const part of ["\u001B", "\u001B[", "\u001B]", "\u001B]0;", "\u009D", "\u001B[0;"]) {
      sanitizeText(part.repeat(200_000));
    }
    // Quadratic work would take minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("sanitizeLine", () => {
  it("folds white space into one line", () => {
    expect(sanitizeLine("  a\n\n b\tc  ")).toBe("a b c");
  });

  it("cuts by code points and shows that it did", () => {
    expect(sanitizeLine("😀".repeat(10), 4)).toBe("😀😀😀…");
    expect(sanitizeLine("abcd", 4)).toBe("abcd");
    expect(sanitizeLine("x".repeat(10_000_000), 80)).toHaveLength(80);
  });
});

describe("sanitizeJson", () => {
  it("keeps the value and escapes what a terminal acts on", () => {
    assert(
      property(hostile, (text) => {
        const json = sanitizeJson(JSON.stringify({ text }));
        expect(JSON.parse(json)).toEqual({ text });
        expect(json).not.toMatch(dangerous);
      }),
    );
  });
});
