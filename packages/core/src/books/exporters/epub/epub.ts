import { strToU8, zipSync, type Zippable } from "fflate";
import { createBookRenderer } from "../../markdown/book-renderer.js";
import { cleanLine } from "../../text.js";
import type { BookDocument } from "../../types.js";
import { factsOf } from "../book-facts.js";
import type { Exporter } from "../exporter.js";
import { coverSvg } from "./cover.js";
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
  export: (document: BookDocument) => Promise.resolve(epub(document)),
} satisfies Exporter);

function epub(document: BookDocument): Uint8Array {
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
  const text: Record<string, string> = {
    "META-INF/container.xml": containerXml,
    "OEBPS/package.opf": packageFile(facts, identifier, images),
    [`OEBPS/${paths.nav}`]: navPage(facts),
    [`OEBPS/${paths.ncx}`]: ncx(facts, identifier),
    [`OEBPS/${paths.style}`]: epubStyle,
    [`OEBPS/${paths.coverImage}`]: coverSvg(facts, identifier),
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
  for (const chapter of facts.chapters) {
    const page = chapterPage(facts, chapter, renderer.chapter(chapter));
    files[`OEBPS/${paths.chapter(chapter.number)}`] = strToU8(page);
  }
  for (const { name, mediaType, bytes } of images) {
    // Other pictures are compressed already.
    files[`OEBPS/${paths.image(name)}`] = [bytes, { level: mediaType === "image/svg+xml" ? 6 : 0 }];
  }
  // A zip entry holds a local time: made here, this one is the same wherever and whenever it is made.
  return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1, 12) });
}
