import { bareTitle } from "./chapter-heading.js";
import { endOfObject, extractJsonObject } from "./extract-json.js";

/** A chapter as a model planned it: an object with a title and a summary of some kind. */
export type PlannedPart = Readonly<Record<string, unknown>>;

/** What of an outline can be used although all of it cannot: it was paid for. */
export interface OutlineParts {
  readonly premise: string;
  /** By number. */
  readonly chapters: ReadonlyMap<number, PlannedPart>;
  /** It has more chapters than were asked for, so that nobody knows which are meant. */
  readonly isSurplus: boolean;
}

/**
 * Which of the chapters `wanted` an answer has, whole: also one that was cut in the middle. They are told apart by their
 * numbers where each has its own, else by their order.
 */
export function readOutlineParts(answer: string, wanted: readonly number[]): OutlineParts {
  const object = extractJsonObject(answer);
  // Of a text that was cut, what parses is one of its chapters.
  const json = isRecord(object) && "chapters" in object ? object : undefined;
  const listed = json?.["chapters"];
  const found = Array.isArray(listed) ? listed : objectsAfter(answer, '"chapters"');
  const parts = found.filter(isRecord);
  const numbers = parts.map(({ number }) => Number(number));
  const areNumbered =
    new Set(numbers).size === parts.length && numbers.every((one) => Number.isSafeInteger(one));

  const chapters = new Map<number, PlannedPart>();
  for (const [index, part] of parts.entries()) {
    const number = areNumbered ? numbers[index] : wanted[index];
    if (number !== undefined && wanted.includes(number) && isUsable(part, number)) {
      chapters.set(number, part);
    }
  }
  return { premise: premiseOf(json, answer), chapters, isSurplus: parts.length > wanted.length };
}

/**
 * Between an outline and an answer with chapters that it lacks, in what is kept of both. JSON has no such character, so no
 * outline has.
 */
export const PART_SEPARATOR = "\u001e";

/** How many chapters are asked for at once: more may not fit into an answer. */
const CHAPTERS_AT_ONCE = 40;

/** The chapters of a book of `of` that are not `there`, as many as are asked for next. */
export function nextMissing(there: ReadonlyMap<number, unknown>, of: number): number[] {
  return numbersTo(of)
    .filter((number) => !there.has(number))
    .slice(0, CHAPTERS_AT_ONCE);
}

/** What can be used of a draft: an answer, and perhaps one that brings what it lacks, each whole or cut. */
export function readOutlineDraft(draft: string, of: number): OutlineParts {
  const [first = "", ...additions] = draft.split(PART_SEPARATOR);
  const parts = readOutlineParts(first, numbersTo(of));
  const chapters = new Map(parts.chapters);
  for (const addition of additions) {
    const found = readOutlineParts(addition, nextMissing(chapters, of));
    for (const [number, part] of found.chapters) chapters.set(number, part);
  }
  return { ...parts, chapters };
}

const numbersTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

function isUsable({ title, summary }: PlannedPart, number: number): boolean {
  return (
    typeof title === "string" &&
    bareTitle(title, number) !== "" &&
    typeof summary === "string" &&
    summary.trim() !== ""
  );
}

function premiseOf(json: PlannedPart | undefined, answer: string): string {
  if (json !== undefined) return typeof json["premise"] === "string" ? json["premise"] : "";
  const [, text] = /"premise"\s*:\s*("(?:[^"\\]|\\.){0,8000}")/.exec(answer) ?? [];
  const premise = text === undefined ? undefined : parse(text);
  return typeof premise === "string" ? premise : "";
}

/** The whole objects of the list behind `name`, up to where the text was cut. */
function objectsAfter(text: string, name: string): unknown[] {
  const objects: unknown[] = [];
  let at = text.indexOf("[", text.indexOf(name));
  if (!text.includes(name) || at === -1) return [];
  for (;;) {
    at = text.indexOf("{", at);
    const end = at === -1 ? undefined : endOfObject(text, at);
    if (end === undefined) return objects;
    objects.push(parse(text.slice(at, end)));
    at = end;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
