import { cleanText } from "../../text.js";
import type { Block, Side, Span } from "../../markdown/book-tree.js";

/** What the printer must know of the book: see `pdf.ts`. */
export interface TypstPlaces {
  /** Path of a picture that can be shown. */
  picture(name: string): string | undefined;
}

/**
 * Blocks as Typst. Whatever a text holds stands in a string literal, so nothing in it is ever read as markup or code: only
 * calls of ours run.
 *
 * @see https://typst.app/docs/reference/syntax/
 */
export function typstBlocks(blocks: readonly Block[], places: TypstPlaces): string {
  return blocks.map((block) => typstBlock(block, places)).join("\n");
}

function typstBlock(block: Block, places: TypstPlaces): string {
  switch (block.kind) {
    case "paragraph":
      return typstParagraph(block.spans, places);
    case "heading":
      return `#[#heading(level: ${block.level})${body(block.spans, places)}#label(${literal(block.id)})]`;
    case "quote":
      return `#quote(block: true)[${typstBlocks(block.blocks, places)}]`;
    case "list": {
      const items = block.items.map((item) => `[${typstBlocks(item, places)}]`).join(", ");
      return block.start === undefined
        ? `#list(${items})`
        : `#enum(start: ${block.start}, ${items})`;
    }
    case "table":
      return typstTable(block, places);
    case "code":
      return `#raw(block: true, ${literal(block.text)})`;
    default:
      return `#rule`;
  }
}

function typstParagraph(spans: readonly Span[], places: TypstPlaces): string {
  const [only] = spans;
  const path = only?.kind === "picture" && spans.length === 1 && places.picture(only.name);
  return typeof path === "string" && only?.kind === "picture"
    ? `#picture(${literal(path)}, ${literal(only.alt)})`
    : `#par${body(spans, places)}`;
}

function typstTable(
  {
    sides,
    rows,
  }: {
    readonly sides: readonly Side[];
    readonly rows: ReadonlyArray<ReadonlyArray<readonly Span[]>>;
  },
  places: TypstPlaces,
): string {
  const [head = [], ...others] = rows;
  const cells = (row: ReadonlyArray<readonly Span[]>): string =>
    row.map((cell) => body(cell, places)).join(", ");
  const align = sides.map((side) => side ?? "start").join(", ");
  return `#table(columns: ${Math.max(1, head.length)}, align: (${align},), table.header(${cells(head)})${others
    .map((row) => `,\n${cells(row)}`)
    .join("")})`;
}

/** Spans as a block of content. */
function body(spans: readonly Span[], places: TypstPlaces): string {
  return `[${spans.map((span) => typstSpan(span, places)).join("")}]`;
}

function typstSpan(span: Span, places: TypstPlaces): string {
  switch (span.kind) {
    case "text":
      return `#${literal(span.text)}`;
    case "code":
      return `#raw(${literal(span.text)})`;
    case "strong":
      return `#strong${body(span.spans, places)}`;
    case "emphasis":
      return `#emph${body(span.spans, places)}`;
    case "struck":
      return `#strike${body(span.spans, places)}`;
    case "link": {
      const target = span.href.startsWith("#")
        ? `label(${literal(span.href.slice(1))})`
        : literal(span.href);
      return `#link(${target})${body(span.spans, places)}`;
    }
    case "picture": {
      const path = places.picture(span.name);
      return path === undefined
        ? `#${literal(span.alt)}`
        : `#box(image(${literal(path)}, height: 1em, alt: ${literal(span.alt)}))`;
    }
    default:
      return "#linebreak()";
  }
}

/** Any text as a string literal. */
export function literal(text: string): string {
  return `"${cleanText(text).replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t")}"`;
}
