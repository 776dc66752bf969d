import { describe, expect, it } from "vitest";
import {
  bookId,
  formatList,
  nonEmpty,
  parseFormat,
  wholeNumber,
} from "../../src/commands/flags.js";

describe("flags", () => {
  it("takes formats as a list, given once or more often, each once", () => {
    expect(formatList("epub, HTML,epub", undefined)).toEqual(["epub", "html"]);
    expect(formatList("md", ["html"])).toEqual(["html", "markdown"]);
    expect(() => formatList("epub,mobi", undefined)).toThrow("epub, markdown, html, pdf, docx");
    expect(() => parseFormat("")).toThrow("epub, markdown, html");
  });

  it.each(["1", "007", " 12 ", "200"])("takes %j for a whole number", (text) => {
    expect(wholeNumber(1, 200)(text)).toBe(Number(text));
  });

  it.each(["", "0", "201", "-1", "1.5", "1e2", "0x10", "١٢", "9".repeat(400), "NaN"])(
    "refuses %j as a whole number from 1 to 200",
    (text) => {
      expect(() => wholeNumber(1, 200)(text)).toThrow("whole number from 1 to 200");
    },
  );

  it("takes the number of a book as people write it", () => {
    expect([bookId("7"), bookId("#7")]).toEqual([7, 7]);
    for (const text of ["", "0", "-7", "seven", "7; rm"])
      expect(() => bookId(text)).toThrow("number of a book");
  });

  it("refuses what a script's unset variable leaves", () => {
    expect(() => nonEmpty("  ")).toThrow("some text");
    expect(nonEmpty(" a ")).toBe(" a ");
  });
});
