import { sanitizeText } from "../output/sanitize.js";
import { charWidth, wrap } from "../output/text-width.js";
import type { TerminalLook } from "./terminal-look.js";

/** Longer than this without a space is not a word that one waits for. */
const LONGEST_WORD = 40;

/**
 * The newest `rows` lines of a chapter's end, in `columns`. Only whole words; a line that is shown stays as it is
 * while more text comes, since each paragraph is broken from its own start.
 */
export function latestLines(
  tail: string,
  columns: number,
  rows: number,
  look: TerminalLook,
): string[] {
  if (rows <= 0) return [];
  const lines: string[] = [];
  const paragraphs = sanitizeText(wholeWords(tail)).split("\n");
  for (let index = paragraphs.length - 1; index >= 0 && lines.length < rows; index -= 1) {
    lines.unshift(...wrap(look.text(paragraphs[index] ?? ""), columns));
  }
  return lines.slice(-rows);
}

/** Without the word that is still being written, nor half a word at the start. */
function wholeWords(tail: string): string {
  const lastSpace = tail.search(/\s\S*$/);
  const last = tail.slice(lastSpace + 1);
  const breaksAnywhere = charWidth(last.match(/.$/u)?.[0] ?? "") === 2;
  const finished =
    last === "" || /[.,;:!?…)\]"'”’]$/.test(last) || breaksAnywhere || last.length > LONGEST_WORD;
  return finished ? tail : tail.slice(0, lastSpace + 1);
}
