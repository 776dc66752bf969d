import type { ChapterHead } from "./version-store.js";

/**
 * The finished chapters that were written from a text that has changed since, rising. Nothing is done about them: whether
 * they still fit is for people to say, and writing them again costs.
 *
 * @param restsOn - for each chapter, 0-based, the 0-based chapters that it was written from.
 * @param isDone - of a 1-based chapter.
 */
export function staleChapters(
  heads: ReadonlyMap<number, ChapterHead>,
  restsOn: ReadonlyArray<readonly number[]>,
  isDone: (chapter: number) => boolean,
): number[] {
  if (heads.size === 0) return [];
  return restsOn.flatMap((earlier, index) => {
    const number = index + 1;
    const own = heads.get(number);
    const writtenAt = own?.current.origin === "regenerated" ? own.current.at : "";
    const changed = earlier.some((before) => {
      const head = heads.get(before + 1);
      return head !== undefined && !head.isOriginal && head.current.at > writtenAt;
    });
    return changed && isDone(number) ? [number] : [];
  });
}
