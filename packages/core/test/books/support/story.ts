/** A book that is known in advance, to the character: what a model writes that is asked for it. */
export interface Story {
  readonly chapters: readonly string[];
  /** Words of each chapter. */
  readonly words: number;
}

/** `chapters` chapters of `paragraphs` paragraphs with five sentences each, of which no two are the same. */
export function makeStory(chapters: number, paragraphs: number): Story {
  const texts = Array.from({ length: chapters }, (_, chapter) =>
    Array.from({ length: paragraphs }, (__, paragraph) =>
      Array.from(
        { length: 5 },
        (___, sentence) =>
          `In part ${chapter + 1} the tide ${paragraph + 1} brought boat ${sentence + 1} home.`,
      ).join(" "),
    ).join("\n\n"),
  );
  return { chapters: texts, words: paragraphs * 5 * 11 };
}
