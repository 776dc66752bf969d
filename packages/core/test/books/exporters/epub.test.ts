import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { EpubCheck } from "@likecoin/epubcheck-ts";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { exporterFor } from "../../../src/books/exporters/exporter-for.js";
import type { BookDocument } from "../../../src/books/types.js";
import { isInkwireError } from "../../../src/protocol/index.js";
import { documents, isSoak, names } from "./documents.js";
import { loadXmlParser } from "./xml.js";

const run = promisify(execFile);
const epub = await exporterFor("epub");

/** Each fixture is looked at many times, and its cover takes half a second to paint. */
const exported = new Map<BookDocument, Promise<Uint8Array>>();
async function exportOnce(document: BookDocument): Promise<Uint8Array> {
  const bytes = exported.get(document) ?? Promise.resolve(epub.export(document));
  exported.set(document, bytes);
  return bytes;
}

async function partsOf(document: BookDocument): Promise<Record<string, string>> {
  const files = unzipSync(await exportOnce(document));
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

describe("the EPUB exporter", () => {
  it.each(names)("makes a book that the validator finds nothing wrong with: %s", async (name) => {
    const { messages } = await EpubCheck.validate(await exportOnce(documents[name]));
    expect(messages).toEqual([]);
  });

  it("makes parts that are well-formed XML, for hostile input too", async () => {
    const parse = await loadXmlParser();
    const parts = Object.entries(await partsOf(documents.hostile));
    const xml = parts.filter(([file]) => /\.(?:xhtml|opf|ncx|xml|svg)$/.test(file));
    expect(xml).toHaveLength(11);
    expect(parts.map(([file]) => file)).toContain("OEBPS/cover.png");
    for (const [, text] of xml) expect(() => parse(text)).not.toThrow();
  });

  it("makes the same bytes of equal documents, in any time zone", async () => {
    const first = await exportOnce(documents.plain);
    const zone = process.env["TZ"];
    try {
      process.env["TZ"] = "Pacific/Auckland";
      expect(await epub.export(structuredClone(documents.plain))).toEqual(first);
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
  });

  it("begins with its media type, stored and not compressed", async () => {
    const bytes = await exportOnce(documents.plain);
    expect(strFromU8(bytes.subarray(30, 38 + 20))).toBe("mimetypeapplication/epub+zip");
  });

  it("says who, what, when and in which language", async () => {
    const parts = await partsOf(documents.plain);
    const opf = parts["OEBPS/package.opf"];
    expect(opf).toContain("<dc:title>The Tides of Brittany</dc:title>");
    expect(opf).toContain("<dc:creator>Anne Le Goff</dc:creator>");
    expect(opf).toContain('<meta property="dcterms:modified">2026-11-22T21:10:04Z</meta>');
    expect(opf).toContain("schema:accessibilitySummary");
    expect(opf).not.toContain("page-progression-direction");
    expect((await partsOf(documents.rightToLeft))["OEBPS/package.opf"]).toContain(
      'page-progression-direction="rtl"',
    );
  });

  it("has a cover as PNG for shelves and as shapes for readers, the same picture", async () => {
    for (const name of ["plain", "rightToLeft", "hebrew", "vietnamese", "greek"] as const) {
      const files = unzipSync(await exportOnce(documents[name]));
      const png = Buffer.from(files["OEBPS/cover.png"] ?? []);
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1_600, 2_400]);
      const opf = strFromU8(files["OEBPS/package.opf"] ?? new Uint8Array());
      expect(opf).toContain('href="cover.png" media-type="image/png" properties="cover-image"');
      const svg = strFromU8(files["OEBPS/cover.svg"] ?? new Uint8Array());
      expect(svg).not.toContain("<text");
      expect(svg).toContain("<title>");
    }
  });

  it("keeps an SVG for letters that none of its fonts has", async () => {
    const parts = await partsOf(documents.chinese);
    expect(parts).not.toHaveProperty(["OEBPS/cover.png"]);
    expect(parts["OEBPS/cover.svg"]).toContain("<text");
    expect(parts["OEBPS/package.opf"]).toContain(
      'href="cover.svg" media-type="image/svg+xml" properties="cover-image"',
    );
  });

  it("claims of accessibility what holds and no more", async () => {
    const claims = async (name: keyof typeof documents) => {
      const opf = (await partsOf(documents[name]))["OEBPS/package.opf"] ?? "";
      return [...opf.matchAll(/<meta property="schema:(?!\w*Summary)\w+">([^<]+)</g)].map(
        ([, claim]) => claim,
      );
    };
    expect(await claims("rightToLeft")).toEqual(expect.arrayContaining(["unknownFlashingHazard"]));
    const plain = await claims("nothing");
    expect(plain).toEqual(
      expect.arrayContaining(["alternativeText", "none", "textual", "textual,visual", "ARIA"]),
    );
    const silent = await claims("undescribed");
    expect(silent).not.toContain("alternativeText");
    expect(silent.filter((claim) => claim === "textual")).toHaveLength(1);
    expect((await partsOf(documents.plain))["OEBPS/package.opf"]).not.toContain("conformsTo");
  });

  it("links chapters to places in other chapters, and drops links to nowhere", async () => {
    const parts = await partsOf(documents.plain);
    expect(parts["OEBPS/chapter-001.xhtml"]).toContain(
      '<a href="chapter-002.xhtml#c2-the-harbour">the harbour</a>',
    );
    expect(parts["OEBPS/chapter-001.xhtml"]).toContain(
      '<a href="chapter-002.xhtml">chapter two</a>',
    );
    expect(parts["OEBPS/chapter-002.xhtml"]).toContain(
      'nowhere, lost, <a href="chapter-001.xhtml">gone</a>',
    );
    expect(parts["OEBPS/chapter-002.xhtml"]).toContain('<h2 id="c2-the-harbour">');
  });

  it("carries the notice on its front page and at the end of each chapter", async () => {
    const parts = await partsOf(documents.planned);
    for (const file of ["title", "chapter-001", "chapter-002"]) {
      expect(parts[`OEBPS/${file}.xhtml`]).toContain(documents.planned.notice);
    }
  });

  it("says on its front page that chapters are missing", async () => {
    const parts = await partsOf(documents.unfinished);
    expect(parts["OEBPS/title.xhtml"]).toContain("Unfinished: 2 of 12 chapters are written.");
  });

  it("leaves out pictures that would make the book invalid or reach out of it", async () => {
    const parts = await partsOf(documents.pictures);
    expect(Object.keys(parts).filter((file) => file.includes("images/"))).toEqual([
      "OEBPS/images/image-1.png",
      "OEBPS/images/image-5.webp",
    ]);
    expect(JSON.stringify(parts)).not.toMatch(/evil\.test|<script/);
  });

  it("shows the words of a picture that is damaged, and not the picture", async () => {
    const parts = await partsOf(documents.damagedPicture);
    expect(parts).toHaveProperty(["OEBPS/images/image-1.png"]);
    expect(parts).not.toHaveProperty(["OEBPS/images/broken.png"]);
    const page = parts["OEBPS/chapter-001.xhtml"] ?? "";
    expect(page).toContain("what it showed");
    expect(page).not.toContain("broken.png");
  });

  it("refuses a time that is none", async () => {
    const failed = await Promise.resolve()
      .then(() => epub.export({ ...documents.plain, modified: "yesterday" }))
      .catch((error: unknown) => error);
    expect(isInkwireError(failed, "export_failed")).toBe(true);
  });
});

const command = ["/usr/bin/epubcheck", "/usr/share/java/epubcheck.jar"].find((file) =>
  existsSync(file),
);

/** The chapters and pictures of all fixtures in one book with the worst of titles: starting Java is what takes the time. */
const everything: BookDocument = {
  ...documents.hostile,
  chapters: Object.values(isSoak ? documents : { ...documents, many: documents.nothing })
    .flatMap((document: BookDocument) => document.chapters)
    .map(({ title, text }, index) => ({ number: index + 1, title, text })),
  images: [...documents.plain.images, ...documents.pictures.images],
};

const isMissing = command === undefined || !existsSync("/usr/bin/java");
if (isMissing) {
  console.warn(
    "SKIPPED: EPUBCheck's own verdict, as it is not installed here (Debian: epubcheck).",
  );
}

describe.skipIf(isMissing)("EPUBCheck itself", () => {
  it.each<readonly [string, BookDocument]>([
    ["all fixtures in one book", everything],
    ...(isSoak ? names.map((name) => [name, documents[name]] as const) : []),
  ])("accepts %s", { timeout: 120_000 }, async (_, document) => {
    const folder = await mkdtemp(path.join(tmpdir(), "inkwire-epub-"));
    try {
      const file = path.join(folder, "book.epub");
      await writeFile(file, await epub.export(document));
      // Through java, as the Debian command is a jar that only some kernels start.
      const options = ["-Xshare:auto", "-XX:TieredStopAtLevel=1", "-jar", command ?? "", file];
      const { stdout, stderr } = await run("/usr/bin/java", options).catch(
        (error: unknown) => error as { stdout: string; stderr: string },
      );
      expect(`${stdout}${stderr}`).not.toMatch(/ERROR|WARNING/);
      expect(stdout).toContain("No errors or warnings detected");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
