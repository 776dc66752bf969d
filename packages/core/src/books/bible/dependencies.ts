import type { OutlineChapter } from "../types.js";

/** How far behind a chapter others may still be under way, where the outline says nothing: so many run side by side. */
const defaultLag = 3;
/** The same where it says which ones a chapter rests on: whatever stands so far before is known in any case. */
const namedLag = 6;

/**
 * For each chapter, the indices of all that must be done before it begins, since it rests on what they settle: those that the
 * outline names and all that those rest on, and whatever stands far enough before. It follows from the outline alone, never from
 * how many are written at once or which ends first: so a rerun asks for the same.
 */
export function chapterOrder(
  chapters: readonly OutlineChapter[],
): ReadonlyArray<readonly number[]> {
  const order: Array<ReadonlySet<number>> = [];
  for (const [index, { after }] of chapters.entries()) {
    const rests = new Set<number>();
    const lag = after === undefined ? defaultLag : namedLag;
    for (let other = 0; other <= index - lag; other += 1) rests.add(other);
    for (const number of after ?? []) {
      const other = number - 1;
      if (!Number.isInteger(other) || other < 0 || other >= index) continue;
      rests.add(other);
      for (const further of order[other] ?? []) rests.add(further);
    }
    order.push(rests);
  }
  return order.map((rests) => [...rests].toSorted((a, b) => a - b));
}

/** The numbers of all chapters that rest on `number`, directly or through others: what goes stale when it changes. */
export function dependantsOf(number: number, chapters: readonly OutlineChapter[]): number[] {
  return chapterOrder(chapters).flatMap((rests, index) =>
    rests.includes(number - 1) ? [index + 1] : [],
  );
}
