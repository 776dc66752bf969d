import { cleanLine } from "../../text.js";
import type { BookImage } from "../../types.js";
import type { BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import { accessibility, property } from "./accessibility.js";
import { paths } from "./pages.js";

export const containerXml = `<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
`;

/** What the package says beside the book's own words. */
export interface PackageFacts {
  readonly identifier: string;
  readonly images: readonly BookImage[];
  /** There is a PNG of the cover, which shops and shelves want, beside the SVG. */
  readonly hasDrawnCover: boolean;
  /** Every picture in the text has an alternative text. */
  readonly describesImages: boolean;
}

/**
 * The package file: who and what the book is, its parts, and the order to read them in.
 *
 * @see https://www.w3.org/TR/epub-33/#sec-package-doc
 */
export function packageFile(facts: BookFacts, about: PackageFacts): string {
  const { images, hasDrawnCover } = about;
  const { language, direction, chapters } = facts;
  const progression = direction === "rtl" ? ' page-progression-direction="rtl"' : "";
  const items = [
    item("nav", paths.nav, "application/xhtml+xml", 'properties="nav"'),
    item("ncx", paths.ncx, "application/x-dtbncx+xml"),
    item("style", paths.style, "text/css"),
    ...(hasDrawnCover
      ? [
          item("cover-image", paths.coverImage, "image/png", 'properties="cover-image"'),
          item("cover-drawing", paths.coverDrawing, "image/svg+xml"),
        ]
      : [item("cover-image", paths.coverDrawing, "image/svg+xml", 'properties="cover-image"')]),
    item("cover", paths.cover, "application/xhtml+xml"),
    item("title", paths.title, "application/xhtml+xml"),
    ...chapters.map(({ number }) =>
      item(`chapter-${number}`, paths.chapter(number), "application/xhtml+xml"),
    ),
    ...images.map(({ name, mediaType }, index) =>
      mediaType === "image/webp"
        ? item(`picture-${index + 1}`, paths.image(name), mediaType, 'fallback="webp-fallback"')
        : item(`picture-${index + 1}`, paths.image(name), mediaType),
    ),
    ...(images.some(({ mediaType }) => mediaType === "image/webp")
      ? [item("webp-fallback", paths.webpFallback, "image/svg+xml")]
      : []),
  ];
  const spine = ["cover", "title", "nav", ...chapters.map(({ number }) => `chapter-${number}`)];
  return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="book-id" xml:lang="${escapeXml(language)}" dir="${direction}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
${metadata(facts, about).join("\n")}
</metadata>
<manifest>
${items.join("\n")}
</manifest>
<spine toc="ncx"${progression}>
${spine.map((id) => `<itemref idref="${id}"/>`).join("\n")}
</spine>
</package>
`;
}

function metadata(facts: BookFacts, about: PackageFacts): string[] {
  const { title, language, byline, premise, notice, unfinished, modified } = facts;
  const description = cleanLine([premise, unfinished, notice].filter(Boolean).join(" "));
  return [
    `<dc:identifier id="book-id">${escapeXml(about.identifier)}</dc:identifier>`,
    `<dc:title>${escapeXml(title)}</dc:title>`,
    `<dc:language>${escapeXml(language)}</dc:language>`,
    ...(byline === undefined ? [] : [`<dc:creator>${escapeXml(byline)}</dc:creator>`]),
    ...(description === "" ? [] : [`<dc:description>${escapeXml(description)}</dc:description>`]),
    property("dcterms:modified", modified),
    ...accessibility(about),
    '<meta name="cover" content="cover-image"/>',
    '<meta name="generator" content="inkwire"/>',
  ];
}

function item(id: string, href: string, mediaType: string, more = ""): string {
  const attributes = `id="${id}" href="${escapeXml(href)}" media-type="${mediaType}" ${more}`;
  return `<item ${attributes.trimEnd()}/>`;
}
