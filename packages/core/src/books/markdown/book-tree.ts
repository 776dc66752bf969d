import type { Token } from "markdown-it";
import { cleanText } from "../text.js";
import type { BookDocument } from "../types.js";
import { createBookRenderer } from "./book-renderer.js";

/** A part of a line. Texts are clean, and are nothing but text. */
export type Span =
  | { readonly kind: "text" | "code"; readonly text: string }
  | { readonly kind: "strong" | "emphasis" | "struck"; readonly spans: readonly Span[] }
  /** `href` is a web address, or `#` and an id of the book. */
  | { readonly kind: "link"; readonly href: string; readonly spans: readonly Span[] }
  /** `name` of a picture that the document has. */
  | { readonly kind: "picture"; readonly name: string; readonly alt: string }
  | { readonly kind: "break" };

export type Side = "left" | "right" | "center" | undefined;

export type Block =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | {
      readonly kind: "heading";
      /** 2 to 6; 1 is the chapter's own. */
      readonly level: number;
      readonly id: string;
      readonly spans: readonly Span[];
    }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly kind: "list";
      /** Absent for one with bullets. */
      readonly start: number | undefined;
      readonly items: ReadonlyArray<readonly Block[]>;
    }
  | {
      readonly kind: "table";
      readonly sides: readonly Side[];
      /** The first is its head. */
      readonly rows: ReadonlyArray<ReadonlyArray<readonly Span[]>>;
    }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "rule" };

/** Where the chapters of a book begin, in {@link Span} links. */
export const chapterId = (number: number): string => `chapter-${number}`;

/**
 * Each chapter's text as a tree, for formats that are no XHTML. What may be in it, where links lead and which pictures stay is
 * decided as for every other format.
 */
export function bookTree(document: BookDocument): ReadonlyMap<number, readonly Block[]> {
  const renderer = createBookRenderer(document, {
    chapter: (number) => `#${chapterId(number)}`,
    anchor: (_, id) => `#${id}`,
    image: (name) => name,
    topHeading: 2,
  });
  return new Map(
    document.chapters.map((chapter) => [
      chapter.number,
      readBlocks(renderer.tokens(chapter)[Symbol.iterator](), undefined),
    ]),
  );
}

type Tokens = Iterator<Token>;

function* upTo(tokens: Tokens, end: string | undefined): Generator<Token> {
  for (let next = tokens.next(); next.done !== true; next = tokens.next()) {
    if (next.value.type === end) return;
    yield next.value;
  }
}

function readBlocks(tokens: Tokens, end: string | undefined): Block[] {
  const blocks: Block[] = [];
  for (const token of upTo(tokens, end)) {
    const block = readBlock(token, tokens);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

function readBlock(token: Token, tokens: Tokens): Block | undefined {
  switch (token.type) {
    case "paragraph_open":
      return { kind: "paragraph", spans: readLine(tokens, "paragraph_close") };
    case "heading_open":
      return {
        kind: "heading",
        level: Number(token.tag.slice(1)),
        id: String(token.attrGet("id") ?? ""),
        spans: readLine(tokens, "heading_close"),
      };
    case "blockquote_open":
      return { kind: "quote", blocks: readBlocks(tokens, "blockquote_close") };
    case "bullet_list_open":
      return { kind: "list", start: undefined, items: readItems(tokens, "bullet_list_close") };
    case "ordered_list_open": {
      const start = Number(token.attrGet("start") ?? 1);
      return { kind: "list", start, items: readItems(tokens, "ordered_list_close") };
    }
    case "table_open":
      return readTable(tokens);
    case "fence":
    case "code_block":
      return { kind: "code", text: cleanText(token.content).replace(/\n$/, "") };
    case "hr":
      return { kind: "rule" };
    default:
      return undefined;
  }
}

function readItems(tokens: Tokens, end: string): Block[][] {
  const items: Block[][] = [];
  for (const token of upTo(tokens, end)) {
    if (token.type === "list_item_open") items.push(readBlocks(tokens, "list_item_close"));
  }
  return items;
}

function readTable(tokens: Tokens): Block {
  const rows: Span[][][] = [];
  const sides: Side[] = [];
  for (const token of upTo(tokens, "table_close")) {
    if (token.type === "tr_open") rows.push([]);
    if (!/^t[hd]_open$/.test(token.type)) continue;
    if (token.type === "th_open") {
      const side = /^align-(left|right|center)$/.exec(String(token.attrGet("class") ?? ""))?.[1];
      sides.push(side as Side);
    }
    rows.at(-1)?.push(readLine(tokens, token.type.replace("open", "close")));
  }
  return { kind: "table", sides, rows };
}

function readLine(tokens: Tokens, end: string): Span[] {
  const spans: Span[] = [];
  for (const token of upTo(tokens, end)) {
    if (token.type === "inline")
      spans.push(...readSpans((token.children ?? []).values(), undefined));
  }
  return spans;
}

const KINDS = { strong: "strong", em: "emphasis", s: "struck" } as const;

function readSpans(tokens: Tokens, end: string | undefined): Span[] {
  const spans: Span[] = [];
  for (const token of upTo(tokens, end)) {
    const text = cleanText(token.content);
    const [, name = ""] = /^(strong|em|s)_open$/.exec(token.type) ?? [];
    if (name !== "") {
      const kind = KINDS[name as keyof typeof KINDS];
      spans.push({ kind, spans: readSpans(tokens, `${name}_close`) });
    } else if (token.type === "link_open") {
      const href = cleanText(String(token.attrGet("href") ?? ""));
      spans.push({ kind: "link", href, spans: readSpans(tokens, "link_close") });
    } else if (token.type === "image") {
      const name = String(token.attrGet("src") ?? "");
      spans.push({
        kind: "picture",
        name,
        alt: textOf(readSpans((token.children ?? []).values(), undefined)),
      });
    } else if (token.type === "code_inline") spans.push({ kind: "code", text });
    else if (token.type === "hardbreak") spans.push({ kind: "break" });
    else if (token.type === "softbreak") spans.push({ kind: "text", text: " " });
    else if (text !== "") spans.push({ kind: "text", text });
  }
  return spans;
}

/** What spans say without their form. */
export function textOf(spans: readonly Span[]): string {
  return spans
    .map((span) => {
      if (span.kind === "break") return " ";
      if (span.kind === "picture") return span.alt;
      return "text" in span ? span.text : textOf(span.spans);
    })
    .join("");
}
