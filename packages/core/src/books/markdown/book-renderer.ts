import type { MarkdownIt, Token } from "markdown-it";
import { cleanText } from "../text.js";
import type { BookDocument } from "../types.js";
import { listHeadings } from "./headings.js";
import { readLinkTarget } from "./links.js";
import { createMarkdownParser } from "./parser.js";

/** Where things lie in the format that is made. */
export interface BookPlaces {
  /** Address of a chapter's beginning. */
  chapter(number: number): string;
  /** Address of an element of a chapter by its id. */
  anchor(number: number, id: string): string;
  /** Source of a picture of the book, by its name. */
  image(name: string): string;
  /** Level that the highest heading inside a chapter gets: one below the chapter's own title. */
  readonly topHeading: 2 | 3;
}

/** Turns the chapters of one book into XHTML. */
export interface BookRenderer {
  /** The text of a chapter, without its title. Well-formed XML, no script, nothing that loads from elsewhere. */
  chapter(chapter: { readonly number: number; readonly text: string }): string;
  /** The same as tokens, for a format that is no XHTML: links, pictures and headings are the ones that may stay. */
  tokens(chapter: { readonly number: number; readonly text: string }): readonly Token[];
}

/**
 * Renders the chapters of `document` as valid XHTML for where they will lie.
 *
 * Only pictures of the document are shown; any other source becomes its alternative text. Links lead to the web or to a place
 * that the book has; others become their text. Headings keep their order below the chapter's title and carry stable ids
 * (`c<number>-<anchor>`).
 */
export function createBookRenderer(document: BookDocument, places: BookPlaces): BookRenderer {
  const parser = createMarkdownParser(document.language);
  parser.renderer.rules["table_open"] = () => '<div class="table">\n<table>\n';
  parser.renderer.rules["table_close"] = () => "</table>\n</div>\n";
  keepCodeLeftToRight(parser);
  const images = new Set(document.images.map(({ name }) => name));
  const headings = new Map(
    document.chapters.map(({ number, text }) => [number, listHeadings(cleanText(text), parser)]),
  );

  return {
    tokens: ({ number, text }) => safeTokens(number, text, {}),
    chapter({ number, text }) {
      const env = {};
      const tokens = safeTokens(number, text, env);
      // A character reference such as `&#12;` may have brought in what was cleaned away before.
      return cleanText(parser.renderer.render(tokens, parser.options, env));
    },
  };

  function safeTokens(number: number, text: string, env: Record<string, unknown>): Token[] {
    const own = headings.get(number) ?? [];
    const shift = places.topHeading - own.reduce((top, { level }) => Math.min(top, level), 6);
    const tokens = parser.parse(cleanText(text), env);
    let heading = 0;
    for (const [index, token] of tokens.entries()) {
      if (token.type === "heading_open") token.attrSet("id", idOf(number, own[heading]?.id ?? ""));
      if (token.type === "heading_close") heading += 1;
      if (token.type.startsWith("heading_")) token.tag = shiftHeading(token.tag, shift);
      if (/^t[hd]_open$/.test(token.type)) alignByClass(token);
      if (token.type !== "inline" || token.children === null) continue;
      token.children = onlySafe(token.children, number);
      if (isPicture(token.children)) tokens[index - 1]?.attrSet("class", "picture");
    }
    return tokens;
  }

  function onlySafe(children: readonly Token[], chapter: number): Token[] {
    const safe: Token[] = [];
    let inLink = false;
    for (const token of children) {
      if (token.type === "link_open") {
        const href = hrefOf(String(token.attrGet("href") ?? ""), chapter);
        inLink = href !== undefined;
        if (href === undefined) continue;
        token.attrSet("href", href);
      }
      if (token.type === "link_close" && !inLink) continue;
      safe.push(token.type === "image" ? safeImage(token, parser) : token);
    }
    return safe;
  }

  function safeImage(token: Token, { renderer, options }: MarkdownIt): Token {
    const name = decodeName(String(token.attrGet("src") ?? ""));
    if (images.has(name)) {
      token.attrSet("src", places.image(name));
      return token;
    }
    token.content = renderer.renderInlineAsText(token.children ?? [], options, {});
    token.type = "text";
    token.children = null;
    return token;
  }

  function hrefOf(destination: string, from: number): string | undefined {
    const target = readLinkTarget(destination);
    if (target === undefined || target.kind === "web") return target?.href;
    const number = target.chapter ?? from;
    const anchors = headings.get(number);
    if (anchors === undefined) return undefined;
    const id = findAnchor(anchors, target.anchor);
    if (id !== undefined) return places.anchor(number, idOf(number, id));
    // A place inside another chapter that is not there any more still leads to that chapter.
    return target.chapter === undefined ? undefined : places.chapter(number);
  }
}

/** By an attribute: EPUB forbids styles to turn the direction. */
function keepCodeLeftToRight({ renderer }: MarkdownIt): void {
  for (const name of ["fence", "code_block"]) {
    const rule = renderer.rules[name];
    if (rule === undefined) continue;
    renderer.rules[name] = (...call) => rule(...call).replace("<pre>", '<pre dir="ltr">');
  }
}

function findAnchor(headings: readonly { id: string }[], anchor: string | undefined) {
  if (anchor === undefined) return undefined;
  const lower = anchor.toLowerCase();
  return headings.find(({ id }) => id === anchor || id === lower)?.id;
}

function idOf(chapter: number, anchor: string): string {
  return `c${chapter}-${anchor}`;
}

function shiftHeading(tag: string, shift: number): string {
  return `h${Math.min(6, Number(tag.slice(1)) + shift)}`;
}

/** Classes rather than `style` attributes, so that a page can forbid every style but its own. */
function alignByClass(token: Token): void {
  const side = /text-align:(left|right|center)/.exec(String(token.attrGet("style") ?? ""))?.[1];
  token.attrs = side === undefined ? null : [["class", `align-${side}`]];
}

function isPicture(children: readonly Token[]): boolean {
  return children.length === 1 && children[0]?.type === "image";
}

function decodeName(source: string): string {
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}
