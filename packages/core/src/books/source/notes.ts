import type { MarkdownIt } from "markdown-it";
import { InkwireError } from "../../protocol/index.js";
import type { SourceNote } from "../authors/author.js";
import { listHeadings } from "../markdown/headings.js";
import { createMarkdownParser } from "../markdown/parser.js";
import type { SourceFile } from "../service-types.js";
import { cleanLine } from "../text.js";
import { decodeSource } from "./decode.js";
import { stripFrontMatter } from "./front-matter.js";
import { isPictureName } from "./pictures.js";

/** A source is searched for every chapter, so more is refused rather than a part left out. In UTF-16 units, of all files. */
export const maxNotesChars = 8_388_608;
/** Some two or three paragraphs: what belongs to another chapter stays out. In UTF-16 units. */
const maxNoteChars = 1_500;
const maxFromChars = 160;

/** A note, and whether it is the first one below its heading. */
export interface CutNote extends SourceNote {
  readonly opens: boolean;
}

/**
 * Cuts source files into passages at their headings and paragraphs, each with where it comes from. Every word is in one of
 * them, in order.
 *
 * @throws InkwireError `source_unreadable` for a file that is no text, or where there is none at all; `invalid_request` beyond
 *   {@link maxNotesChars}.
 */
export function cutNotes(files: readonly SourceFile[]): CutNote[] {
  const parser = createMarkdownParser();
  const notes: CutNote[] = [];
  let chars = 0;
  for (const file of files) {
    if (isPictureName(file.path)) continue;
    const decoded = decodeSource(file);
    if (decoded === undefined) throw unreadable(`${file.path} is not a text file`);
    chars += decoded.text.length;
    if (chars > maxNotesChars) throw tooMuch();
    notes.push(...notesOf(file.path, stripFrontMatter(decoded.text).text, parser));
  }
  if (notes.length === 0) throw unreadable("none of the files has any text");
  return notes;
}

function notesOf(path: string, text: string, parser: MarkdownIt): CutNote[] {
  const lines = text.split("\n");
  const headings = listHeadings(text, parser).filter(({ top }) => top);
  const trail: Array<{ readonly level: number; readonly text: string }> = [];
  const bounds = [{ endLine: 0, level: 0, text: "" }, ...headings];
  return bounds.flatMap((heading, index) => {
    if (heading.level > 0) {
      while ((trail.at(-1)?.level ?? 0) >= heading.level) trail.pop();
      trail.push(heading);
    }
    const body = lines.slice(heading.endLine, headings[index]?.line ?? lines.length).join("\n");
    const from = fromOf(
      path,
      trail.map((above) => above.text),
    );
    return passagesOf(body).map((passage, at) => ({ from, text: passage, opens: at === 0 }));
  });
}

/** `guide/tides.md, Spring tides, At the equinox`, on one line. */
function fromOf(path: string, trail: readonly string[]): string {
  const line = cleanLine([path, ...trail].join(", "));
  return line.length <= maxFromChars ? line : `${line.slice(0, maxFromChars - 1).toWellFormed()}…`;
}

/** Whole paragraphs, as many as fit; one that is longer by itself is cut. */
function passagesOf(body: string): string[] {
  const passages: string[] = [];
  let current = "";
  for (const paragraph of body
    .split(/\n(?:[ \t]*\n)+/)
    .map((each) => each.replace(/^(?:[ \t]*\n)+/, "").trimEnd())) {
    if (paragraph.trim() === "") continue;
    if (current !== "" && current.length + paragraph.length + 2 > maxNoteChars) {
      passages.push(current);
      current = "";
    }
    current = current === "" ? paragraph : `${current}\n\n${paragraph}`;
    while (current.length > maxNoteChars) {
      const end = endOfCut(current);
      passages.push(current.slice(0, end).trimEnd());
      current = current.slice(end).trimStart();
    }
  }
  return current === "" ? passages : [...passages, current];
}

/** Behind a space where there is one in the second half; never inside of a surrogate pair. */
function endOfCut(text: string): number {
  const space = Math.max(
    text.lastIndexOf(" ", maxNoteChars - 1),
    text.lastIndexOf("\n", maxNoteChars - 1),
  );
  if (space > maxNoteChars / 2) return space + 1;
  const isHalf = (text.charCodeAt(maxNoteChars - 1) & 0xfc00) === 0xd800;
  return isHalf ? maxNoteChars - 1 : maxNoteChars;
}

function unreadable(message: string): InkwireError {
  return new InkwireError("source_unreadable", `Source: ${message}.`);
}

function tooMuch(): InkwireError {
  return new InkwireError(
    "invalid_request",
    `source: a model takes at most ${maxNotesChars / 1_048_576} MiB of text as material`,
    { hint: "Give fewer files, or have them typeset as they are: --author markdown." },
  );
}
