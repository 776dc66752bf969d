import type * as Docx from "docx";
import type { Block, Side, Span } from "../../markdown/book-tree.js";
import { cleanText } from "../../text.js";
import type { BookFacts } from "../book-facts.js";
import type { DocxPicture } from "./pictures.js";

export type DocxLibrary = typeof Docx;

/** What the blocks of one book share. */
export interface DocxContext {
  readonly library: DocxLibrary;
  readonly direction: BookFacts["direction"];
  readonly pictures: ReadonlyMap<string, DocxPicture>;
  /** A name that Word takes for a place of the book: short, and of plain letters. */
  bookmark(id: string): string;
  /** Says that there is a numbered list, and gets the name of its numbering. */
  numbering(start: number): string;
}

/** Where a block stands. */
interface Place {
  /** Lists around it. */
  readonly depth: number;
  readonly isQuoted: boolean;
  /** Of the list whose item it begins; `""` for bullets. */
  readonly marker?: string | undefined;
}

type Inline = Docx.TextRun | Docx.ExternalHyperlink | Docx.InternalHyperlink | Docx.ImageRun;
type Look = { bold?: boolean; italics?: boolean; strike?: boolean; style?: string };

const indentPerLevel = 720;
const levels = [
  "HEADING_1",
  "HEADING_2",
  "HEADING_3",
  "HEADING_4",
  "HEADING_5",
  "HEADING_6",
] as const;

/** A chapter's blocks for Word. */
export function docxBlocks(
  blocks: readonly Block[],
  context: DocxContext,
  place: Place = { depth: 0, isQuoted: false },
): Docx.FileChild[] {
  return blocks.flatMap((block, index) =>
    docxBlock(block, context, index === 0 ? place : { ...place, marker: undefined }),
  );
}

function docxBlock(block: Block, context: DocxContext, place: Place): Docx.FileChild[] {
  const { library } = context;
  switch (block.kind) {
    case "paragraph":
      return [paragraph(docxSpans(block.spans, context), context, place)];
    case "heading": {
      const level = library.HeadingLevel[levels[block.level - 1] ?? "HEADING_6"];
      const children = [
        new library.Bookmark({
          id: context.bookmark(block.id),
          children: docxSpans(block.spans, context),
        }),
      ];
      return [new library.Paragraph({ heading: level, children, ...sideOf(context) })];
    }
    case "quote":
      return docxBlocks(block.blocks, context, { ...place, isQuoted: true });
    case "list": {
      const marker = block.start === undefined ? "" : context.numbering(block.start);
      const inside = { ...place, depth: place.depth + 1, marker };
      return block.items.flatMap((item) =>
        docxBlocks(item.length === 0 ? [{ kind: "paragraph", spans: [] }] : item, context, inside),
      );
    }
    case "table":
      return [docxTable(block, context), new library.Paragraph({})];
    case "code": {
      const lines = block.text.split("\n").map(
        (text, index) =>
          new library.TextRun({
            text: cleanText(text),
            style: "CodeText",
            ...(index > 0 ? { break: 1 } : {}),
          }),
      );
      return [new library.Paragraph({ style: "CodeBlock", children: lines })];
    }
    default:
      return [new library.Paragraph({ style: "Rule", text: "* * *" })];
  }
}

function paragraph(children: Inline[], context: DocxContext, place: Place): Docx.Paragraph {
  const { depth, marker, isQuoted } = place;
  const level = Math.min(8, Math.max(0, depth - 1));
  return new context.library.Paragraph({
    children,
    ...sideOf(context),
    ...(isQuoted ? { style: "Quote" } : {}),
    ...(marker === "" ? { bullet: { level } } : {}),
    ...(marker ? { numbering: { reference: marker, level } } : {}),
    ...(marker === undefined && depth > 0
      ? { indent: { start: indentPerLevel * (level + 1) } }
      : {}),
  });
}

function docxTable(
  {
    sides,
    rows,
  }: {
    readonly sides: readonly Side[];
    readonly rows: ReadonlyArray<ReadonlyArray<readonly Span[]>>;
  },
  context: DocxContext,
): Docx.Table {
  const { Table, TableRow, TableCell, Paragraph, WidthType, AlignmentType } = context.library;
  const ALIGNMENTS = {
    left: AlignmentType.LEFT,
    right: AlignmentType.RIGHT,
    center: AlignmentType.CENTER,
  };
  const cell = (spans: readonly Span[], column: number, isHead: boolean) => {
    const side = sides[column];
    const children = docxSpans(spans, context, isHead ? { bold: true } : {});
    const alignment = side === undefined ? {} : { alignment: ALIGNMENTS[side] };
    return new TableCell({
      children: [new Paragraph({ children, ...sideOf(context), ...alignment })],
    });
  };
  return new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    visuallyRightToLeft: context.direction === "rtl",
    rows: rows.map(
      (cells, row) =>
        new TableRow({
          tableHeader: row === 0,
          children: cells.map((spans, column) => cell(spans, column, row === 0)),
        }),
    ),
  });
}

function docxSpans(spans: readonly Span[], context: DocxContext, look: Look = {}): Inline[] {
  return spans.flatMap((span) => docxSpan(span, context, look));
}

function docxSpan(span: Span, context: DocxContext, look: Look): Inline[] {
  const { TextRun, ExternalHyperlink, InternalHyperlink, ImageRun } = context.library;
  const run = (text: string, more: Look = {}) =>
    new TextRun({
      text: cleanText(text),
      ...(context.direction === "rtl" ? { rightToLeft: true } : {}),
      ...look,
      ...more,
    });
  switch (span.kind) {
    case "text":
      return [run(span.text)];
    case "code":
      return [run(span.text, { style: "CodeText" })];
    case "strong":
      return docxSpans(span.spans, context, { ...look, bold: true });
    case "emphasis":
      return docxSpans(span.spans, context, { ...look, italics: true });
    case "struck":
      return docxSpans(span.spans, context, { ...look, strike: true });
    case "break":
      return [new TextRun({ break: 1 })];
    case "link": {
      const children = docxSpans(span.spans, context, { ...look, style: "Hyperlink" });
      return span.href.startsWith("#")
        ? [new InternalHyperlink({ anchor: context.bookmark(span.href.slice(1)), children })]
        : [new ExternalHyperlink({ link: span.href, children })];
    }
    default: {
      const picture = context.pictures.get(span.name);
      if (picture === undefined) return span.alt === "" ? [] : [run(span.alt)];
      const { type, bytes: data, width, height, fallback } = picture;
      const name = cleanText(span.name);
      const altText = { title: "", description: cleanText(span.alt), name };
      const transformation = { width, height };
      if (type !== "svg") return [new ImageRun({ type, data, transformation, altText })];
      const png = { type: "png", data: fallback ?? new Uint8Array(), transformation } as const;
      return [new ImageRun({ type, data, fallback: png, transformation, altText })];
    }
  }
}

/** Properties of a paragraph that is read from right to left. */
export function sideOf({ direction }: Pick<DocxContext, "direction">): { bidirectional?: true } {
  return direction === "rtl" ? { bidirectional: true } : {};
}
