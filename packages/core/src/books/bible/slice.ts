import type { OutlineChapter } from "../types.js";
import { makeBible, type BibleEntry, type FactSource } from "./bible.js";

/** What of the bible goes into one prompt at most, in UTF-16 units: some 500 tokens, in the fortieth chapter as in the fifth. */
export const maxSliceChars = 2_000;

/**
 * The part of the bible that a chapter needs, as lines: what is named in its plan first, then promises that are still open, then
 * the newest. Their order is that of the book.
 *
 * @param before - the chapters that it may rest on.
 * @param maxChars - all lines together. @default {@link maxSliceChars}
 */
export function bibleSlice(
  before: readonly FactSource[],
  chapter: OutlineChapter,
  maxChars = maxSliceChars,
): string[] {
  const plan = [chapter.title, chapter.summary, chapter.entry, chapter.exit]
    .join("\n")
    .toLowerCase();
  const entries = makeBible(before);
  const chosen = new Set<BibleEntry>();
  let left = maxChars;
  for (const entry of entries.toSorted((a, b) => weigh(b, plan) - weigh(a, plan))) {
    const size = lineOf(entry).length + 1;
    if (size > left) continue;
    left -= size;
    chosen.add(entry);
  }
  return entries.filter((entry) => chosen.has(entry)).map(lineOf);
}

function weigh({ kind, subject, versions }: BibleEntry, plan: string): number {
  const named = plan.includes(subject.toLowerCase()) ? 10_000 : 0;
  const promised = kind === "promise" ? 5_000 : 0;
  return named + promised + (versions.at(-1)?.chapter ?? 0);
}

function lineOf({ subject, about, versions }: BibleEntry): string {
  const { chapter, fact } = versions.at(-1) ?? { chapter: 0, fact: "" };
  const side = about === "" ? "" : `, ${about}`;
  return `${subject}${side}: ${fact} (chapter ${chapter})`;
}
