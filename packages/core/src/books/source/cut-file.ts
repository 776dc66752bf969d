import type { MarkdownIt } from "markdown-it";
import { listHeadings, type Heading } from "../markdown/headings.js";
import { bookRequestLimits } from "../request.js";
import { cleanLine } from "../text.js";
import { stripFrontMatter } from "./front-matter.js";

/** A part of a file that becomes a chapter. */
export interface SourceSection {
  readonly title: string;
  /** Lines of the file's text that are the chapter's, its own heading left out. */
  readonly line: number;
  readonly endLine: number;
  /** Where the section begins, its own heading included. */
  readonly startLine: number;
}

export interface CutFile {
  readonly path: string;
  /** Without front matter. */
  readonly text: string;
  /** Of the front matter, or of a heading above all sections that has no text of its own. */
  readonly title: string | undefined;
  /** That heading, where the front matter calls the whole something else. */
  readonly heading: string | undefined;
  readonly headings: readonly Heading[];
  readonly sections: readonly SourceSection[];
}

/**
 * Cuts a file into what becomes chapters; with `whole`, into one.
 *
 * Headings inside of code, lists and quotations cut nothing. Text before the first cut is a section, too.
 */
export function cutFile(
  file: { readonly path: string; readonly text: string },
  options: { readonly whole: boolean; readonly parser: MarkdownIt },
): CutFile {
  const { title: frontTitle, text } = stripFrontMatter(file.text);
  const headings = listHeadings(text, options.parser);
  const lines = text.split("\n");
  const cuts = options.whole ? [] : cutLines(headings);
  const bounds = [...new Set([0, ...cuts, lines.length])].toSorted((a, b) => a - b);
  const sections = bounds.slice(0, -1).flatMap((startLine, index): SourceSection[] => {
    const endLine = bounds[index + 1] ?? lines.length;
    const first = firstWithin(headings, startLine, endLine);
    const isBlank = (from: number, to: number) =>
      lines.slice(from, to).every((line) => line.trim() === "");
    if (isBlank(startLine, endLine)) return [];
    const leads =
      first !== undefined && first.top && isTitle(first.text) && isBlank(startLine, first.line);
    if (leads) return [{ title: cleanLine(first.text), line: first.endLine, endLine, startLine }];
    const named =
      frontTitle !== undefined && index === 0 && isTitle(frontTitle) ? frontTitle : undefined;
    const heading =
      options.whole && first !== undefined && isTitle(first.text) ? first.text : undefined;
    const fallback = cuts.length === 0 ? titleOfPath(file.path) : "Introduction";
    return [
      { title: cleanLine(named ?? heading ?? fallback), line: startLine, endLine, startLine },
    ];
  });
  const above = takeTitle(sections, headings, lines);
  const rest = above === undefined ? sections : sections.slice(1);
  return {
    path: file.path,
    text,
    title: frontTitle ?? above,
    heading: above === undefined || isSame(above, frontTitle ?? above) ? undefined : above,
    headings,
    sections: joinEmpty(rest, lines),
  };
}

/** By halving, as a long file has as many sections as headings. */
function firstWithin(
  headings: readonly Heading[],
  line: number,
  endLine: number,
): Heading | undefined {
  let low = 0;
  for (let high = headings.length; low < high;) {
    const middle = (low + high) >>> 1;
    if ((headings[middle]?.line ?? line) < line) low = middle + 1;
    else high = middle;
  }
  const found = headings[low];
  return found !== undefined && found.line < endLine ? found : undefined;
}

/** Lines of the headings to cut at: of the highest level that occurs twice, and of those above it. */
function cutLines(headings: readonly Heading[]): number[] {
  const top = headings.filter((heading) => heading.top);
  const level = [1, 2, 3, 4, 5, 6].find(
    (candidate) => top.filter((heading) => heading.level === candidate).length > 1,
  );
  return level === undefined
    ? []
    : top.filter((heading) => heading.level <= level).map(({ line }) => line);
}

/** A heading above the others with nothing below it but them is the title of the whole, not a chapter. */
function takeTitle(
  [first, second]: readonly SourceSection[],
  headings: readonly Heading[],
  lines: readonly string[],
): string | undefined {
  if (first === undefined || second === undefined || hasText(first, lines)) return undefined;
  const levelIn = ({ startLine }: SourceSection) =>
    headings.find(({ line }) => line >= startLine)?.level ?? 0;
  return levelIn(first) < levelIn(second) ? first.title : undefined;
}

function isSame(one: string, other: string): boolean {
  return cleanLine(one).toLowerCase() === cleanLine(other).toLowerCase();
}

/** A heading without text is no chapter of its own: it opens the next one, or at the end stays in the one before. */
function joinEmpty(sections: readonly SourceSection[], lines: readonly string[]): SourceSection[] {
  const joined: SourceSection[] = [];
  for (const section of sections) {
    const last = joined.at(-1);
    if (last === undefined || hasText(last, lines)) joined.push(section);
    else joined[joined.length - 1] = { ...last, endLine: section.endLine };
  }
  const last = joined.at(-1);
  if (last === undefined || hasText(last, lines)) return joined;
  const previous = joined.at(-2);
  return previous === undefined
    ? [{ ...last, line: last.startLine }]
    : [...joined.slice(0, -2), { ...previous, endLine: last.endLine }];
}

function hasText({ line, endLine }: SourceSection, lines: readonly string[]): boolean {
  return lines.slice(line, endLine).some((each) => each.trim() !== "");
}

/** A heading that is too long for a title, or says nothing, stays in the text. */
function isTitle(text: string): boolean {
  const title = cleanLine(text);
  return title !== "" && title.length <= bookRequestLimits.maxTitle;
}

/** `guide/02-first_steps.md` is "First steps"; an index is called after its folder. */
function titleOfPath(path: string): string {
  const parts = path.split("/");
  const file = (parts.pop() ?? "").replace(/\.[^.]*$/, "");
  const name = /^(?:index|readme)$/i.test(file) ? (parts.pop() ?? "Introduction") : file;
  const words = cleanLine(name.replace(/^\d+[-_. ]+/, "").replace(/[-_]+/g, " "));
  const title = words === "" ? "Untitled" : words;
  return title.charAt(0).toUpperCase() + title.slice(1);
}
