import type * as Docx from "docx";
import { bookTree, chapterId } from "../../markdown/book-tree.js";
import { cleanLine } from "../../text.js";
import type { BookDocument } from "../../types.js";
import { factsOf, type BookFacts } from "../book-facts.js";
import type { Exporter } from "../exporter.js";
import { labelsOf } from "../labels.js";
import { docxBlocks, sideOf, type DocxContext, type DocxLibrary } from "./docx-blocks.js";
import { numberingOf } from "./numbering.js";
import { docxPictures, type DocxPicture } from "./pictures.js";
import { sameEveryTime } from "./same-every-time.js";
import { docxStyles } from "./styles.js";

/**
 * A document for Word and its kin: real headings, lists, tables, links and pictures, so that an editor can go on with it. Equal
 * documents give equal bytes.
 */
export function createDocxExporter(library: DocxLibrary): Exporter {
  return Object.freeze({
    format: "docx",
    extension: ".docx",
    mediaType: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    async export(document: BookDocument) {
      const facts = factsOf(document);
      const file = makeFile(library, facts, document, await docxPictures(document));
      return sameEveryTime(new Uint8Array(await library.Packer.toBuffer(file)), facts.modified);
    },
  } satisfies Exporter);
}

function makeFile(
  library: DocxLibrary,
  facts: BookFacts,
  document: BookDocument,
  pictures: ReadonlyMap<string, DocxPicture>,
): Docx.Document {
  const bookmarks = new Map<string, string>();
  const starts: number[] = [];
  const context: DocxContext = {
    library,
    direction: facts.direction,
    pictures,
    bookmark(id) {
      const known = bookmarks.get(id) ?? `place${bookmarks.size + 1}`;
      bookmarks.set(id, known);
      return known;
    },
    numbering: (start) => `list-${starts.push(start)}`,
  };
  const tree = bookTree({
    ...document,
    images: document.images.filter(({ name }) => pictures.has(name)),
  });
  const chapters = facts.chapters.flatMap((chapter) => [
    ...chapterHead(chapter, context),
    ...docxBlocks(tree.get(chapter.number) ?? [], context),
    ...(facts.notice === undefined ? [] : [english(library, "Notice", facts.notice)]),
  ]);
  const { title, byline, premise, unfinished, notice } = facts;
  const description = [premise, unfinished, notice].filter(Boolean).join(" ");
  return new library.Document({
    title,
    creator: byline ?? "",
    lastModifiedBy: "inkwire",
    description,
    keywords: cleanLine(document.identifier),
    styles: docxStyles(facts),
    numbering: numberingOf(library, starts),
    sections: [
      {
        properties: {},
        children: [...titlePage(facts, context), ...contents(facts, context), ...chapters],
      },
    ],
  });
}

function titlePage(facts: BookFacts, context: DocxContext): Docx.Paragraph[] {
  const { library } = context;
  const line = (style: string, text: string) =>
    new library.Paragraph({ style, text, ...sideOf(context) });
  const { title, byline, premise, unfinished, notice } = facts;
  return [
    line("Title", title),
    ...(byline === undefined ? [] : [line("Subtitle", byline)]),
    ...(premise ?? "")
      .split(/\n{2,}/)
      .flatMap((text) => (text === "" ? [] : [line("Premise", cleanLine(text))])),
    ...(unfinished === undefined ? [] : [english(library, "Unfinished", unfinished)]),
    ...(notice === undefined ? [] : [english(library, "Notice", notice)]),
  ];
}

/** Links rather than a field, which Word fills in only after it has asked. */
function contents(facts: BookFacts, context: DocxContext): Docx.Paragraph[] {
  if (facts.chapters.length === 0) return [];
  const { Paragraph, InternalHyperlink, TextRun } = context.library;
  const side = sideOf(context);
  return [
    new Paragraph({
      style: "ContentsTitle",
      pageBreakBefore: true,
      text: labelsOf(facts.language).contents,
      ...side,
    }),
    ...facts.chapters.map(({ number, label, title }) => {
      const text = label === undefined ? title : `${label}. ${title}`;
      const children = [
        new TextRun({ text, ...(facts.direction === "rtl" ? { rightToLeft: true } : {}) }),
      ];
      const anchor = context.bookmark(chapterId(number));
      return new Paragraph({
        style: "ContentsLine",
        children: [new InternalHyperlink({ anchor, children })],
        ...side,
      });
    }),
  ];
}

function chapterHead(
  { number, label, title }: BookFacts["chapters"][number],
  context: DocxContext,
) {
  const { Paragraph, Bookmark, TextRun, HeadingLevel } = context.library;
  const rightToLeft = context.direction === "rtl" ? { rightToLeft: true } : {};
  const text = label === undefined ? title : `${label}. ${title}`;
  const children = [
    new Bookmark({
      id: context.bookmark(chapterId(number)),
      children: [new TextRun({ text, ...rightToLeft })],
    }),
  ];
  return [
    new Paragraph({
      heading: HeadingLevel.HEADING_1,
      pageBreakBefore: true,
      children,
      ...sideOf(context),
    }),
  ];
}

function english(library: DocxLibrary, style: string, text: string): Docx.Paragraph {
  return new library.Paragraph({
    style,
    children: [new library.TextRun({ text, language: { value: "en" } })],
  });
}
