import { InkwireError } from "../protocol/index.js";
import { cleanLine, cleanText } from "./text.js";
import type { BookRequest, Outline, OutlineChapter } from "./types.js";

const MAX_TITLE = 300;
const MAX_SUMMARY = 10_000;
const MAX_PREMISE = 10_000;
const MAX_STATE = 600;

/**
 * An author's outline, cleaned and cut to size: it is shown in terminals, messages and exports.
 *
 * @throws InkwireError `output_invalid` (retryable) unless its chapters are numbered 1 to n without holes and n is what was
 *   asked for.
 */
export function checkOutline(outline: Outline, request: BookRequest): Outline {
  const { chapters } = outline;
  if (chapters.length !== request.chapters) {
    throw invalid(`expected ${request.chapters} chapters, got ${chapters.length}`);
  }
  return {
    title: cut(cleanLine(outline.title), MAX_TITLE) || request.title,
    premise: cut(cleanText(outline.premise), MAX_PREMISE),
    chapters: chapters.map(checkChapter),
    ...(outline.madeBy === undefined ? {} : { madeBy: cut(cleanLine(outline.madeBy), MAX_TITLE) }),
  };
}

function checkChapter(chapter: OutlineChapter, index: number): OutlineChapter {
  const number = index + 1;
  if (chapter.number !== number)
    throw invalid(`chapter ${number} has the number ${chapter.number}`);
  return {
    number,
    title: cut(cleanLine(chapter.title), MAX_TITLE) || `Chapter ${number}`,
    summary: cut(cleanText(chapter.summary), MAX_SUMMARY),
    words: Number.isFinite(chapter.words) ? Math.max(1, Math.round(chapter.words)) : 1,
    ...checkStates(chapter),
  };
}

/** What the outline says of where a chapter begins and ends and what it rests on, as far as it can be used. */
function checkStates({ number, entry, exit, after }: OutlineChapter): Partial<OutlineChapter> {
  const states = {
    entry: cut(cleanLine(entry ?? ""), MAX_STATE),
    exit: cut(cleanLine(exit ?? ""), MAX_STATE),
  };
  const numbers = after?.filter((one) => Number.isInteger(one) && one >= 1 && one < number);
  return {
    ...(states.entry === "" ? {} : { entry: states.entry }),
    ...(states.exit === "" ? {} : { exit: states.exit }),
    ...(numbers === undefined ? {} : { after: [...new Set(numbers)].toSorted((a, b) => a - b) }),
  };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function invalid(reason: string): InkwireError {
  return new InkwireError("output_invalid", `The outline is of no use: ${reason}`, {
    retryable: true,
  });
}
