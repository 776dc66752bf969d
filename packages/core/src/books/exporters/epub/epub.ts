import { strToU8, zipSync, type Zippable } from "fflate";
import { createBookRenderer } from "../../markdown/book-renderer.js";
import { cleanLine } from "../../text.js";
import type { BookDocument } from "../../types.js";
import { factsOf } from "../book-facts.js";
import { coverSvg } from "../cover/cover-svg.js";
import { drawCover } from "../cover/draw-cover.js";
import type { Exporter } from "../exporter.js";
import { navPage, ncx } from "./navigation.js";
import { containerXml, packageFile } from "./package-file.js";
import { chapterPage, coverPage, paths, titlePage } from "./pages.js";
import { picturesOf, webpFallback } from "./pictures.js";
import { epubStyle } from "./style.js";

/**
 * EPUB 3 that readers of EPUB 2 open as well: cover, title page, contents, one file a chapter, pictures, accessibility
 * metadata. Valid for any input, and the same bytes for an equal document.
 *
 * @see https://www.w3.org/TR/epub-33/
 */
export const epubExporter: Exporter = Object.freeze({
  format: "epub",
  extension: ".epub",
  mediaType: "application/epub+zip",
  export: epub,
} satisfies Exporter);

async function epub(document: BookDocument): Promise<Uint8Array> {
  const facts = factsOf(document);
  const identifier = cleanLine(document.identifier) || "urn:inkwire:book";
  const images = picturesOf(document.images);
  const renderer = createBookRenderer(
    { ...document, images },
    {
      chapter: paths.chapter,
      anchor: (number, id) => `${paths.chapter(number)}#${encodeURIComponent(id)}`,
      image: paths.image,
      topHeading: 2,
    },
  );
  const chapters = facts.chapters.map((chapter) => ({
    path: paths.chapter(chapter.number),
    page: chapterPage(facts, chapter, renderer.chapter(chapter)),
  }));
  const cover = await drawCover(facts, identifier);
  const text: Record<string, string> = {
    "META-INF/container.xml": containerXml,
    "OEBPS/package.opf": packageFile(facts, {
      identifier,
      images,
      hasDrawnCover: cover !== undefined,
      // An empty one says that a picture is decoration, which only its author can know.
      describesImages: chapters.every(({ page }) => !page.includes(' alt=""')),
    }),
    [`OEBPS/${paths.nav}`]: navPage(facts),
    [`OEBPS/${paths.ncx}`]: ncx(facts, identifier),
    [`OEBPS/${paths.style}`]: epubStyle,
    [`OEBPS/${paths.coverDrawing}`]: cover?.svg ?? coverSvg(facts, identifier),
    [`OEBPS/${paths.cover}`]: coverPage(facts),
    [`OEBPS/${paths.title}`]: titlePage(facts),
  };
  const files: Zippable = {
    // First and not compressed, so that a reader knows the file by its first bytes.
    mimetype: [strToU8("application/epub+zip"), { level: 0 }],
  };
  if (images.some(({ mediaType }) => mediaType === "image/webp")) {
    text[`OEBPS/${paths.webpFallback}`] = webpFallback;
  }
  for (const [path, content] of Object.entries(text)) files[path] = strToU8(content);
  for (const { path, page } of chapters) files[`OEBPS/${path}`] = strToU8(page);
  if (cover !== undefined) files[`OEBPS/${paths.coverImage}`] = [cover.png, { level: 0 }];
  for (const { name, mediaType, bytes } of images) {
    // Other pictures are compressed already.
    files[`OEBPS/${paths.image(name)}`] = [bytes, { level: mediaType === "image/svg+xml" ? 6 : 0 }];
  }
  // A zip entry holds a local time: made here, this one is the same wherever and whenever it is made.
  return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1, 12) });
}
