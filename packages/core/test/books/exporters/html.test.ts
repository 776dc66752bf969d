import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import { documents } from "./documents.js";
import { loadXmlParser } from "./xml.js";

const html = await exporterFor("html");
const pageOf = async (document: Parameters<typeof html.export>[0]) =>
  new TextDecoder().decode(await html.export(document));

describe("the HTML exporter", () => {
  it("is well-formed for every fixture, and the same for equal documents", async () => {
    const parse = await loadXmlParser();
    for (const document of Object.values(documents)) {
      const page = await pageOf(document);
      expect(() => parse(page.replace("<!DOCTYPE html>\n", ""))).not.toThrow();
      expect(await pageOf(structuredClone(document))).toBe(page);
    }
  });

  it("is well-formed for any title, byline, premise and text", async () => {
    const parse = await loadXmlParser();
    const text = fc.string({ unit: "binary", maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, text, text, async (title, premise, body) => {
        const page = await pageOf({
          ...documents.plain,
          title,
          byline: title,
          premise,
          chapters: [{ number: 1, title, text: body }],
        });
        expect(() => parse(page.replace("<!DOCTYPE html>\n", ""))).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  it("says language and direction", async () => {
    expect(await pageOf(documents.rightToLeft)).toContain('<html lang="ar" dir="rtl">');
    expect(await pageOf(documents.nothing)).toContain('<html lang="und" dir="ltr">');
  });

  it("carries the notice in front and after each chapter, and says that chapters are missing", async () => {
    expect((await pageOf(documents.planned)).split(documents.planned.notice)).toHaveLength(4);
    expect(await pageOf(documents.unfinished)).toContain(
      "Unfinished: 2 of 12 chapters are written.",
    );
  });
});
