import type { MarkdownIt } from "markdown-it";
import { paragraphsOf } from "./paragraphs.js";

/** Something in a Markdown source that leads somewhere, by offsets into the source. */
export interface MarkdownSpot {
  /**
   * `link` and `image` as `[…](…)` and `![…](…)`; `image-reference` as `![…][label]` or `![label]`; `definition` as
   * `[label]: …`; `tag` is a `<` that begins what some viewer may take for HTML,
   * or for a link to somewhere else than the web.
   */
  readonly kind: "link" | "image" | "image-reference" | "definition" | "tag";
  readonly start: number;
  readonly end: number;
  /** What lies between the brackets. */
  readonly labelStart: number;
  readonly labelEnd: number;
  /** Unescaped; empty for an `image-reference` and a `tag`. */
  readonly destination: string;
  /** Where the destination stands, with its `<>` if it has them. */
  readonly destinationStart: number;
  readonly destinationEnd: number;
}

export interface MarkdownEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const AUTOLINK = /<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]{1,64}@[\w.-]{1,255})>/iy;
/** A scheme that no viewer should follow; an address of mail has none. */
const UNSAFE_AUTOLINK = /^<(?!https?:|mailto:)[a-z][a-z0-9+.-]*:/i;
const TAG = /<[a-z/!?]/iy;
const DEFINITION = /[ \t>]*\[(?!\^)((?:[^[\]\\\n]|\\.){1,999})\]:[ \t]*/y;

/**
 * Finds what the renderer would see as links, images and link definitions, in order of their beginning, outside of code. A link that
 * holds an image is two spots.
 *
 * @param text - with LF line ends.
 */
export function scanMarkdown(text: string, parser: MarkdownIt): MarkdownSpot[] {
  const spots: MarkdownSpot[] = [];
  for (const [start, end] of paragraphsOf(text, parser))
    scanParagraph(text, start, end, parser, spots);
  return spots.sort((a, b) => a.start - b.start);
}

/** `text` with edits made, which neither overlap nor touch each other's inside. */
export function applyEdits(text: string, edits: readonly MarkdownEdit[]): string {
  let out = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

interface Opener {
  readonly start: number;
  readonly image: boolean;
}

function scanParagraph(
  text: string,
  from: number,
  to: number,
  parser: MarkdownIt,
  spots: MarkdownSpot[],
): void {
  const openers: Opener[] = [];
  /** Lengths of backtick runs that nothing closes: asked once, else a long line of them takes quadratic time. */
  const unclosed = new Set<number>();
  let at = from;
  while (at < to) {
    if (at === from || text[at - 1] === "\n") {
      const definition = readDefinition(text, at, to, parser);
      if (definition !== undefined) {
        spots.push(definition);
        at = definition.end;
        continue;
      }
    }
    switch (text[at]) {
      case "\\":
        at += 2;
        break;
      case "`":
        at = afterCodeSpan(text, at, to, unclosed);
        break;
      case "<":
        at = readAngle(text, at, spots);
        break;
      case "!":
        if (text[at + 1] === "[") openers.push({ start: at++, image: true });
        at += 1;
        break;
      case "[":
        openers.push({ start: at, image: false });
        at += 1;
        break;
      case "]": {
        const opener = openers.pop();
        const spot = opener === undefined ? undefined : readLink(text, opener, at, to, parser);
        if (spot !== undefined) spots.push(spot);
        at = spot?.end ?? at + 1;
        break;
      }
      default:
        at += 1;
    }
  }
}

function afterCodeSpan(text: string, at: number, to: number, unclosed: Set<number>): number {
  let end = at;
  while (end < to && text[end] === "`") end += 1;
  const length = end - at;
  if (unclosed.has(length)) return end;
  for (let next = text.indexOf("`", end); next >= 0 && next < to;) {
    let stop = next;
    while (stop < to && text[stop] === "`") stop += 1;
    if (stop - next === length) return stop;
    next = text.indexOf("`", stop);
  }
  unclosed.add(length);
  return end;
}

function readAngle(text: string, at: number, spots: MarkdownSpot[]): number {
  AUTOLINK.lastIndex = at;
  const isAutolink = AUTOLINK.test(text);
  const end = isAutolink ? AUTOLINK.lastIndex : at + 1;
  TAG.lastIndex = at;
  const isHarmless = isAutolink && !UNSAFE_AUTOLINK.test(text.slice(at, at + 40));
  if (!isHarmless && TAG.test(text)) {
    spots.push({ ...nowhere(at, at + 1), kind: "tag", start: at, end: at + 1 });
  }
  return end;
}

/** What the bracket that closes at `close` makes with what follows it; `undefined` for brackets that are only text. */
function readLink(
  text: string,
  { start, image }: Opener,
  close: number,
  to: number,
  parser: MarkdownIt,
): MarkdownSpot | undefined {
  const label = nowhere(start + (image ? 2 : 1), close);
  if (text[close + 1] === "(") {
    const target = parser.helpers.parseLinkDestination(text, skipSpace(text, close + 2, to), to);
    if (target.ok) {
      const destinationStart = skipSpace(text, close + 2, to);
      let end = skipSpace(text, target.pos, to);
      if (end > target.pos) {
        const title = parser.helpers.parseLinkTitle(text, end, to);
        if (title.ok) end = skipSpace(text, title.pos, to);
      }
      if (text[end] === ")" && end < to) {
        const kind = image ? "image" : "link";
        return {
          ...label,
          kind,
          start,
          end: end + 1,
          destination: target.str,
          destinationStart,
          destinationEnd: target.pos,
        };
      }
    }
  }
  return image ? { ...label, kind: "image-reference", start, end: close + 1 } : undefined;
}

function readDefinition(
  text: string,
  at: number,
  to: number,
  parser: MarkdownIt,
): MarkdownSpot | undefined {
  DEFINITION.lastIndex = at;
  const match = DEFINITION.exec(text);
  if (match === null) return undefined;
  const destinationStart = DEFINITION.lastIndex;
  const { ok, str, pos } = parser.helpers.parseLinkDestination(text, destinationStart, to);
  if (!ok || pos === destinationStart) return undefined;
  const labelStart = text.indexOf("[", at) + 1;
  const labelEnd = labelStart + (match[1]?.length ?? 0);
  return {
    kind: "definition",
    start: at,
    end: pos,
    labelStart,
    labelEnd,
    destination: str,
    destinationStart,
    destinationEnd: pos,
  };
}

function nowhere(labelStart: number, labelEnd: number) {
  return {
    labelStart,
    labelEnd,
    destination: "",
    destinationStart: labelEnd,
    destinationEnd: labelEnd,
  };
}

function skipSpace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && /\s/.test(text[at] ?? "")) at += 1;
  return at;
}
