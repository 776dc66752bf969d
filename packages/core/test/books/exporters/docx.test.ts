import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import type { BookDocument } from "../../../src/books/types.js";
import { documents, names } from "./documents.js";
import { loadXmlParser } from "./xml.js";

const docx = await exporterFor("docx");

async function partsOf(document: BookDocument): Promise<Record<string, string>> {
  const files = unzipSync(await docx.export(document));
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

function idsIn(xml: string, pattern: RegExp): string[] {
  return [...xml.matchAll(pattern)].map(([, id = ""]) => id);
}

describe("the DOCX exporter", () => {
  it.each(names)(
    "makes well-formed parts whose references all lead somewhere: %s",
    async (name) => {
      const parse = await loadXmlParser();
      const parts = await partsOf(documents[name]);
      for (const [file, text] of Object.entries(parts)) {
        if (/\.(?:xml|rels)$/.test(file)) expect(() => parse(text), file).not.toThrow();
      }
      const body = parts["word/document.xml"] ?? "";
      const links = parts["word/_rels/document.xml.rels"] ?? "";
      const known = idsIn(links, /<Relationship [^>]*\bId="([^"]+)"/g);
      expect(new Set(known).size).toBe(known.length);
      expect(known).toEqual(
        expect.arrayContaining(idsIn(body, /<[^<>]*\s(?:r:id|r:embed)="([^"]+)"/g)),
      );
      const bookmarks = idsIn(body, /<w:bookmarkStart [^>]*w:name="([^"]+)"/g);
      expect(new Set(bookmarks).size).toBe(bookmarks.length);
      expect(bookmarks).toEqual(
        expect.arrayContaining(idsIn(body, /<w:hyperlink [^>]*w:anchor="([^"]+)"/g)),
      );
      const numbers = idsIn(body, /<w:bookmarkStart [^>]*w:id="([^"]+)"/g);
      expect(idsIn(body, /<w:bookmarkEnd [^>]*w:id="([^"]+)"/g).toSorted()).toEqual(
        numbers.toSorted(),
      );
      for (const target of idsIn(links, /Target="(media\/[^"]+)"/g))
        expect(parts).toHaveProperty([`word/${target}`]);
    },
  );

  it("has headings, lists, tables, links and pictures that Word knows as such", async () => {
    const parts = await partsOf(documents.plain);
    const body = parts["word/document.xml"] ?? "";
    expect(body).toMatch(/<w:pStyle w:val="Heading1"\/>/);
    expect(body).toMatch(/<w:pStyle w:val="Heading2"\/>/);
    expect(body).toContain("<w:tbl>");
    expect(body).toContain("<w:numPr>");
    expect(Object.keys(parts).filter((file) => file.startsWith("word/media/"))).toHaveLength(4);
    // The SVG is there as such, and as pixels for what shows none; each picture has its words.
    expect(Object.keys(parts).filter((file) => /media\/.*\.svg$/.test(file))).toHaveLength(1);
    expect(body).toContain("asvg:svgBlip");
    expect(idsIn(body, /<wp:docPr [^>]*descr="([^"]*)"/g)).toEqual(["Wave", "Pixel", "dot"]);
    expect(parts["[Content_Types].xml"]).toContain('Extension="svg"');
    expect(parts["word/_rels/document.xml.rels"]).toContain("https://example.org/a?b=c&amp;d=");
    expect(parts["word/numbering.xml"]).toContain('<w:start w:val="3"/>');
  });

  it("says who, what and when, never when it was exported", async () => {
    const core = (await partsOf(documents.plain))["docProps/core.xml"] ?? "";
    expect(core).toContain("The Tides of Brittany");
    expect(core).toContain("Anne Le Goff");
    expect(idsIn(core, /<dcterms:(?:created|modified)[^>]*>([^<]*)</g)).toEqual([
      "2026-11-22T21:10:04Z",
      "2026-11-22T21:10:04Z",
    ]);
  });

  it("carries the notice, says that chapters are missing, and runs from right to left", async () => {
    const body = async (document: BookDocument) =>
      (await partsOf(document))["word/document.xml"] ?? "";
    expect((await body(documents.planned)).split(documents.planned.notice)).toHaveLength(4);
    expect(await body(documents.unfinished)).toContain("Unfinished: 2 of 12 chapters are written.");
    const arabic = await body(documents.rightToLeft);
    expect(arabic).toContain("<w:bidi/>");
    expect(arabic).toContain("<w:rtl/>");
  });

  it("takes nothing from elsewhere and leaves hostile links out", async () => {
    const parts = await partsOf(documents.hostile);
    expect(parts["word/_rels/document.xml.rels"]).not.toMatch(/javascript:|file:|vbscript:|t\.gif/);
    expect(parts["word/document.xml"]).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("does not mistake what the text says for an id of its own", async () => {
    const text = 'He wrote r:id="rIdabcdefghijklmnopqrstu" and Id="rIdzzzzzz".';
    const parts = await partsOf({
      ...documents.plain,
      chapters: [{ number: 1, title: "x", text }],
    });
    expect(parts["word/document.xml"]).toContain("rIdabcdefghijklmnopqrstu");
    expect(parts["word/document.xml"]).toContain("rIdzzzzzz");
  });
});
