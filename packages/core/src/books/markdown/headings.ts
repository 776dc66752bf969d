import type { MarkdownIt, Token } from "markdown-it";

export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  /** Without markup. */
  readonly text: string;
  /** Its anchor as GitHub makes it, unique in its text, such as `first-steps-1`. */
  readonly id: string;
  /** 0-based line where it begins, and the first line after it. */
  readonly line: number;
  readonly endLine: number;
  /** Whether it stands by itself, not inside a list or a quotation. */
  readonly top: boolean;
}

/**
 * The headings of a Markdown text, in order; what looks like one inside a block of code is none.
 *
 * Only the structure is parsed, not the text between, so this costs a fraction of rendering.
 *
 * @param markdown - with LF line ends.
 */
export function listHeadings(markdown: string, parser: MarkdownIt): Heading[] {
  const tokens: Token[] = [];
  parser.block.parse(markdown, parser, {}, tokens);
  const ids = createAnchors();
  return tokens.flatMap((token, index) => {
    if (token.type !== "heading_open" || token.map === null) return [];
    const text = inlineText(tokens[index + 1]?.content ?? "", parser);
    const [line, endLine] = token.map;
    return {
      level: Number(token.tag.slice(1)),
      text,
      id: ids(text),
      line,
      endLine,
      top: token.level === 0,
    };
  });
}

/** What inline Markdown says without its markup, as one line. */
export function inlineText(markdown: string, parser: MarkdownIt): string {
  const tokens: Token[] = [];
  parser.inline.parse(markdown, parser, {}, tokens);
  return tokensText(tokens).replace(/\s+/gu, " ").trim();
}

function tokensText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "image") return tokensText(token.children ?? []);
      return token.type === "softbreak" || token.type === "hardbreak" ? " " : token.content;
    })
    .join("");
}

/** What may not stand in the name of an XML id; narrower than what GitHub keeps, as it keeps `²` and `①`. */
const NOT_IN_ID =
  /[^\p{L}\p{M}\p{N}\p{Pc} -]|[\u00AA\u00B2-\u00BE\u2070-\u209F\u2150-\u218F\u2460-\u24FF\u2776-\u2793\uFE33-\uFE4F\uFF3F]|[^\0-\u{EFFFF}]/gu;

const maxAnchorLength = 120;

/** Makes anchors as GitHub does, each one once: the second `First steps` is `first-steps-1`. */
function createAnchors(): (text: string) => string {
  const used = new Set<string>();
  const counts = new Map<string, number>();
  return (text) => {
    const letters = text.toLowerCase().replace(NOT_IN_ID, "").trim().replace(/ /g, "-");
    const base =
      letters.slice(0, maxAnchorLength).toWellFormed().replace("\uFFFD", "") || "section";
    let id = base;
    for (let count = counts.get(base) ?? 0; used.has(id); counts.set(base, count))
      id = `${base}-${++count}`;
    used.add(id);
    return id;
  };
}
