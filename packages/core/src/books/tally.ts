import type { Chapter, Outline } from "./types.js";

/** How far one run of a book is, as messages tell it. */
export interface TallySnapshot {
  /** Words of finished chapters and of those being written. */
  readonly words: number;
  /** Of the finished chapters; `undefined` where no author said. */
  readonly tokens: number | undefined;
  /** `undefined` until there is enough to measure. */
  readonly etaSeconds: number | undefined;
  readonly chaptersDone: number;
}

/** Counts words and tokens of one book during one run of its job, and measures how fast it goes. */
export interface Tally {
  outlined(outline: Outline): void;
  /** A chapter begins, or begins anew. `index` is 0-based, here and below. */
  began(index: number): void;
  wrote(index: number, words: number): void;
  finished(index: number, chapter: Chapter, cached: boolean): void;
  titleOf(index: number | undefined): string | undefined;
  snapshot(): TallySnapshot;
}

interface Entry {
  readonly words: number;
  /** Share of its target, 0 to 1. */
  readonly ratio: number;
  readonly done: boolean;
  /** Written in this run, so that its time was measured. */
  readonly measured: boolean;
}

// Two finished chapters, or this much of the first ones: before that a slow first token would be taken for the speed.
const MIN_CHAPTERS = 2;
const MIN_MEASURED_MS = 20_000;
const MIN_MEASURED_WORDS = 400;

const untouched: Entry = { words: 0, ratio: 0, done: false, measured: false };

/** @param now - milliseconds; only differences count. */
export function createTally(now: () => number): Tally {
  const entries = new Map<number, Entry>();
  let chapters: Outline["chapters"] = [];
  let tokens: number | undefined;
  let firstBegan: number | undefined;

  const targetOf = (index: number): number => Math.max(1, chapters[index]?.words ?? 1);

  return {
    outlined(outline) {
      chapters = outline.chapters;
    },
    began(index) {
      firstBegan ??= now();
      entries.set(index, { ...untouched, measured: true });
    },
    wrote(index, words) {
      const ratio = Math.min(0.99, words / targetOf(index));
      entries.set(index, { words, ratio, done: false, measured: true });
    },
    finished(index, chapter, cached) {
      entries.set(index, { words: chapter.words, ratio: 1, done: true, measured: !cached });
      if (chapter.usage !== undefined) {
        tokens = (tokens ?? 0) + chapter.usage.inputTokens + chapter.usage.outputTokens;
      }
    },
    titleOf(index) {
      return index === undefined ? undefined : chapters[index]?.title;
    },
    snapshot() {
      const all = [...entries.values()];
      const etaSeconds = firstBegan === undefined ? undefined : measure(now() - firstBegan);
      return {
        words: all.reduce((sum, entry) => sum + entry.words, 0),
        tokens,
        etaSeconds,
        chaptersDone: all.filter((entry) => entry.done).length,
      };
    },
  };

  // By shares of target lengths, not by words written: an author that is brief everywhere is not far from its end.
  function measure(elapsedMs: number): number | undefined {
    let credit = 0;
    let left = 0;
    let doneHere = 0;
    for (const index of chapters.keys()) {
      const entry = entries.get(index) ?? untouched;
      left += targetOf(index) * (1 - entry.ratio);
      if (!entry.measured) continue;
      credit += targetOf(index) * entry.ratio;
      if (entry.done) doneHere += 1;
    }
    const enough =
      doneHere >= MIN_CHAPTERS || (elapsedMs >= MIN_MEASURED_MS && credit >= MIN_MEASURED_WORDS);
    if (!enough || credit <= 0) return undefined;
    return Math.ceil((left * elapsedMs) / credit / 1000);
  }
}
