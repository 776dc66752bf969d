import { InkwireError } from "../../protocol/index.js";
import { MAX_CHAPTER_LENGTH } from "../chapter-writer.js";
import { createMarkdownParser } from "../markdown/parser.js";
import { applyEdits, scanMarkdown, type MarkdownEdit } from "../markdown/scan.js";
import { bookRequestLimits } from "../request.js";
import type { SourceFile } from "../service-types.js";
import type { BookImage } from "../types.js";
import { cutFile, type SourceSection } from "./cut-file.js";
import { decodeSource } from "./decode.js";
import { borrowDefinitions } from "./definitions.js";
import { createLinkResolver } from "./link-resolver.js";
import { resolveInSource } from "./paths.js";
import { createPictureShelf, isPictureName } from "./pictures.js";

/** A book made of somebody's Markdown: what the typesetting author sets, and what a model may take as material. */
export interface SourcePlan {
  /** The source's own title: of its front matter, or of a heading above all chapters. */
  readonly title: string | undefined;
  /** A heading above all chapters, where the front matter says another title. */
  readonly heading: string | undefined;
  /** At least one, numbered from 1. */
  readonly chapters: ReadonlyArray<{
    readonly number: number;
    readonly title: string;
    /** Markdown without the chapter's own heading; never empty; links into the source say `chapter:<number>#<anchor>`. */
    readonly text: string;
  }>;
  /** Pictures that the chapters show, by the names that the chapters use. */
  readonly images: readonly BookImage[];
  /** For people: what could not be taken over, a line each, such as a picture that is missing. */
  readonly problems: readonly string[];
}

/**
 * Makes chapters of source files: several files become one chapter each; one file is cut at its headings, at the highest level
 * that occurs more than once. Every word of the source is in the plan, in order.
 *
 * Links between the files become links between the chapters, and pictures get names inside the book.
 *
 * @throws InkwireError `source_unreadable` that names a file which is no text, or where there is no text at all;
 *   `invalid_request` where it makes more chapters than a book may have.
 */
export function planSource(files: readonly SourceFile[]): SourcePlan {
  const parser = createMarkdownParser();
  const problems: string[] = [];
  const texts = files
    .filter(({ path }) => !isPictureName(path))
    .flatMap((file) => {
      const decoded = decodeSource(file);
      if (decoded === undefined) throw unreadable(`${file.path} is not a text file`);
      if (decoded.problem !== undefined) problems.push(decoded.problem);
      if (decoded.text.trim() !== "") return [{ path: file.path, text: decoded.text }];
      problems.push(`${file.path} is empty.`);
      return [];
    });
  if (texts.length === 0) throw unreadable(emptyMessage(files));

  const cut = texts.map((file) => cutFile(file, { whole: texts.length > 1, parser }));
  const { title, heading } = (cut.length === 1 ? cut[0] : undefined) ?? {};
  const sections = cut.flatMap((file) => file.sections);
  const max = bookRequestLimits.maxChapters;
  if (sections.length > max) {
    throw new InkwireError(
      "invalid_request",
      `The source makes ${sections.length} chapters; a book has at most ${max}.`,
      {
        hint: "Give fewer files, or one file with fewer headings of the highest level.",
      },
    );
  }

  const shelf = createPictureShelf(files);
  const resolve = createLinkResolver(cut, parser);
  const chapters = cut.flatMap((file) => {
    const edits = scanMarkdown(file.text, parser).flatMap((spot): MarkdownEdit[] => {
      const place = resolveInSource(file.path, spot.destination);
      if (spot.destination === "" || place === undefined) return [];
      const text = resolve(place) ?? shelf.nameOf(place.path);
      if (text === undefined && spot.kind === "image") {
        problems.push(
          `${file.path}: the picture ${place.path} is missing or is none; its description stands in its place.`,
        );
      }
      return text === undefined
        ? []
        : [{ start: spot.destinationStart, end: spot.destinationEnd, text }];
    });
    // An edit changes no line break, so the sections' line numbers still hold.
    const lines = applyEdits(file.text, edits).split("\n");
    return borrowDefinitions(
      file.sections.map((section) => textOf(section, lines)),
      parser,
    );
  });
  for (const [index, text] of chapters.entries()) {
    if (text.length > MAX_CHAPTER_LENGTH) throw tooLong(sections[index]?.title ?? "", text.length);
  }
  return {
    title,
    heading,
    chapters: sections.map((section, index) => ({
      number: index + 1,
      title: section.title,
      text: chapters[index] ?? "",
    })),
    images: shelf.images,
    problems,
  };
}

function textOf({ line, endLine }: SourceSection, lines: readonly string[]): string {
  return lines
    .slice(line, endLine)
    .join("\n")
    .replace(/^(?:[ \t]*\n)+/, "")
    .trimEnd();
}

function emptyMessage(files: readonly SourceFile[]): string {
  const [first] = files;
  if (first === undefined) return "there is no file";
  return files.length === 1 ? `${first.path} has no text` : "none of the files has any text";
}

function tooLong(title: string, length: number): InkwireError {
  const message = `The source's chapter "${title}" has ${length} characters; a chapter has at most ${MAX_CHAPTER_LENGTH}.`;
  return new InkwireError("invalid_request", message, {
    hint: "Divide it with headings of one level, or into several files.",
  });
}

function unreadable(message: string): InkwireError {
  return new InkwireError("source_unreadable", `Source: ${message}.`);
}
