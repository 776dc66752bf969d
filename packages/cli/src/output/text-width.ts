import { sanitizeLine } from "./sanitize.js";

const PLAIN_ASCII = /^[ -~]*$/;

// Terminals disagree about how wide these sequences are, and a line whose width is guessed wrong can't be redrawn in
// place: of each, the first emoji stays.
const EMOJI_SEQUENCE =
  /(\p{Extended_Pictographic})(?:[\p{Emoji_Modifier}\ufe0f]|\u200d\p{Extended_Pictographic})+/gu;
const EMOJI_PARTS = /[\ufe0e\ufe0f\u20e3]|\p{Emoji_Modifier}/gu;
/** More combining marks than any script stacks: text that is meant to spill over its neighbours. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Invisible, but for the joiners that Persian and Indic spelling needs. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cf}\p{Co}\u{e0000}-\u{e0fff}]/gu;

/** Untrusted text as one line that a terminal can only print, and whose {@link textWidth} every terminal agrees on. */
export function printable(text: string): string {
  const line = sanitizeLine(text, 8192);
  if (PLAIN_ASCII.test(line)) return line;
  return line
    .replace(EMOJI_SEQUENCE, "$1")
    .replace(EMOJI_PARTS, "")
    .replace(INVISIBLE, "")
    .normalize("NFC")
    .replace(STACKED_MARKS, "$1");
}

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\u1160-\u11ff]$/u;
// East_Asian_Width W and F of Unicode 16 (UAX #11); the emoji among them are a property of their own.
const WIDE =
  /^(?!\p{Regional_Indicator})[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u33ff\u3400-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]$/u;

/** Columns that one code point takes in a terminal. */
export function charWidth(char: string): 0 | 1 | 2 {
  if ((char.codePointAt(0) ?? 0) < 0x300) return 1;
  if (ZERO_WIDTH.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** Columns that {@link printable} text takes. */
export function textWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** The text, cut to `columns` and ended with `ellipsis` where it was longer. */
export function truncate(text: string, columns: number, ellipsis: string): string {
  if (textWidth(text) <= columns) return text;
  const room = columns - textWidth(ellipsis);
  if (room < 0) return "";
  return text.slice(0, fittingLength(text, room)).trimEnd() + ellipsis;
}

/** The text with spaces after it up to `columns`. */
export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

/** UTF-16 units of the longest start of `text` that fits into `columns`, marks with their letters. */
function fittingLength(text: string, columns: number): number {
  let width = 0;
  let length = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns) break;
    length += char.length;
  }
  return length;
}

/**
 * Printable text in lines of at most `columns`, broken at spaces and between wide characters; a longer word is cut.
 * Greedy from the start, so text that is added at the end never moves an earlier line.
 */
export function wrap(text: string, columns: number): string[] {
  if (columns < 2) return [];
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces(text)) {
    if (line !== "" && textWidth(line) + textWidth(piece.trimEnd()) > columns) {
      lines.push(line.trimEnd());
      line = "";
    }
    let rest = piece;
    while (textWidth(rest.trimEnd()) > columns) {
      const length = fittingLength(rest, columns);
      lines.push(rest.slice(0, length));
      rest = rest.slice(length);
    }
    line += rest;
  }
  if (line.trimEnd() !== "") lines.push(line.trimEnd());
  return lines;
}

/** Closing punctuation must not begin a line. */
const NO_LINE_START = /[\p{Pe}\p{Pf}\p{Po}\s]/u;

/** What must stay together: a word with the spaces after it, or one wide character with its marks. */
function* pieces(text: string): Generator<string> {
  for (const [word] of text.matchAll(/\S+\s*|\s+/gu)) {
    if (PLAIN_ASCII.test(word)) {
      yield word;
      continue;
    }
    let piece = "";
    let previousWide = false;
    for (const char of word) {
      const width = charWidth(char);
      if (
        piece !== "" &&
        (width === 2 || (width === 1 && previousWide)) &&
        !NO_LINE_START.test(char)
      ) {
        yield piece;
        piece = "";
      }
      piece += char;
      if (width !== 0) previousWide = width === 2;
    }
    yield piece;
  }
}
