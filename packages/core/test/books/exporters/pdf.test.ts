import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import type { BookDocument } from "../../../src/books/types.js";
import { documents, names } from "./documents.js";

const run = promisify(execFile);
const pdf = await exporterFor("pdf");

describe("the PDF exporter", () => {
  it.each(names)("typesets %s as a tagged PDF", async (name) => {
    const bytes = Buffer.from(await pdf.export(documents[name]));
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    expect(bytes.toString("latin1")).toMatch(/\/MarkInfo|\/StructTreeRoot/);
  });

  it("takes any text for text: nothing in it runs as Typst", async () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const typst = fc.constantFrom(
      '"',
      "\\",
      "#panic()",
      "]",
      "#{",
      "*/",
      "//",
      "$x$",
      "<a>",
      "@b",
      "\\u{0}",
      "`",
    );
    const hostile = fc
      .array(fc.oneof(text, typst), { maxLength: 6 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (title, body) => {
        const document = {
          ...documents.plain,
          title,
          byline: title,
          premise: body,
          chapters: [{ number: 1, title, text: body }],
        };
        expect((await pdf.export(document)).length).toBeGreaterThan(1_000);
      }),
      { numRuns: 15 },
    );
  });
});

const isMissing = !existsSync("/usr/bin/pdftotext");
if (isMissing)
  console.warn(
    "SKIPPED: what a PDF says, as pdftotext is not installed here (Debian: poppler-utils).",
  );

describe.skipIf(isMissing)("what another program reads in the PDF", () => {
  async function read(document: BookDocument): Promise<{ text: string; info: string }> {
    const folder = await mkdtemp(path.join(tmpdir(), "inkwire-pdf-"));
    try {
      const file = path.join(folder, "book.pdf");
      await writeFile(file, await pdf.export(document));
      const [text, info] = await Promise.all([
        run("pdftotext", ["-layout", file, "-"]),
        run("pdfinfo", [file], { env: { ...process.env, TZ: "UTC" } }),
      ]);
      return { text: text.stdout, info: info.stdout };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("is who, what and when, with contents and chapters", async () => {
    const { text, info } = await read(documents.plain);
    expect(info).toMatch(/Title: +The Tides of Brittany/);
    expect(info).toMatch(/Author: +Anne Le Goff/);
    expect(info).toMatch(/CreationDate: +Sun Nov 22 21:10:04 2026/);
    expect(info).toMatch(/Tagged: +yes/);
    expect(text).toContain("Contents");
    expect(text).toMatch(/2 +High Water[ .\u2060]+2/);
    expect(text).toContain("Saint-Malo");
  });

  it("is the notice after each chapter, and that chapters are missing", async () => {
    expect((await read(documents.planned)).text.split(documents.planned.notice)).toHaveLength(4);
    expect((await read(documents.unfinished)).text).toContain(
      "Unfinished: 2 of 12 chapters are written.",
    );
  });

  it("is what a picture showed where it is damaged", async () => {
    expect((await read(documents.damagedPicture)).text).toContain("what it showed");
  });

  it("is the text of hostile chapters as they wrote it", async () => {
    const { text } = await read(documents.hostile);
    expect(text).toContain("#set page(width: 1pt)");
    expect(text).toContain("<script>alert(1)</script>");
  });
});
