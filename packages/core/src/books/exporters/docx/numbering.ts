import type { DocxLibrary } from "./docx-blocks.js";

/** The numbered lists of a book, each with its own start: Word would else count on from the one before. */
export function numberingOf(
  { LevelFormat, AlignmentType }: DocxLibrary,
  starts: readonly number[],
) {
  return {
    config: starts.map((start, index) => ({
      reference: `list-${index + 1}`,
      levels: Array.from({ length: 9 }, (_, level) => ({
        level,
        format: LevelFormat.DECIMAL,
        text: `%${level + 1}.`,
        alignment: AlignmentType.START,
        start,
        style: { paragraph: { indent: { start: 720 * (level + 1), hanging: 360 } } },
      })),
    })),
  };
}
