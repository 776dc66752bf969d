import type { Chapter, Outline } from "./types.js";

/** How far one run of a book is, as messages tell it. */
export interface TallySnapshot {
  /** Words of finished chapters and of those being written. */
  readonly words: number;
  /** Of the finished chapters; `undefined` where no author said. */
  readonly tokens?: number | undefined;
  /** USD for all requests; absent where the price is not known, or no model was asked. */
  readonly costUsd?: number | undefined;
  /** Whether tokens and cost hold what was counted from the text. */
  readonly estimated?: boolean | undefined;
  /** `undefined` until there is enough to measure. */
  readonly etaSeconds: number | undefined;
  /** Between which the time left lies nine times of ten, as far as the measured speed can tell. */
  readonly etaRange: readonly [low: number, high: number] | undefined;
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

// Two chapters at the same speed are no promise, and one says nothing about the next.
const MIN_SPREAD = 0.1;
const MAX_SPREAD = 0.6;
const UNKNOWN_SPREAD = 0.5;
/** Nine of ten values of a normal distribution lie within so many standard deviations. */
const NINE_OF_TEN = 1.645;

/** How far off the time left may be, as a share of it: by how unlike the measured chapters were, and how many are left. */
function spreadOf(paces: readonly number[], left: number): number {
  if (paces.length < 2) return UNKNOWN_SPREAD;
  const mean = paces.reduce((sum, pace) => sum + pace, 0) / paces.length;
  if (mean === 0) return MIN_SPREAD;
  const variance = paces.reduce((sum, pace) => sum + (pace - mean) ** 2, 0) / (paces.length - 1);
  const relative = (NINE_OF_TEN * Math.sqrt(variance * (1 / paces.length + 1 / left))) / mean;
  return Math.min(MAX_SPREAD, Math.max(MIN_SPREAD, relative));
}

const untouched: Entry = { words: 0, ratio: 0, done: false, measured: false };

/** @param now - milliseconds; only differences count. */
export function createTally(now: () => number): Tally {
  const entries = new Map<number, Entry>();
  let chapters: Outline["chapters"] = [];
  let tokens: number | undefined;
  let firstBegan: number | undefined;
  const beganAt = new Map<number, number>();
  /** Milliseconds for a word of its target, of each chapter that was written here. */
  const paces: number[] = [];

  const targetOf = (index: number): number => Math.max(1, chapters[index]?.words ?? 1);

  return {
    outlined(outline) {
      chapters = outline.chapters;
    },
    began(index) {
      firstBegan ??= now();
      beganAt.set(index, now());
      entries.set(index, { ...untouched, measured: true });
    },
    wrote(index, words) {
      const ratio = Math.min(0.99, words / targetOf(index));
      entries.set(index, { words, ratio, done: false, measured: true });
    },
    finished(index, chapter, cached) {
      entries.set(index, { words: chapter.words, ratio: 1, done: true, measured: !cached });
      const began = beganAt.get(index);
      if (!cached && began !== undefined) paces.push((now() - began) / targetOf(index));
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
        etaRange: etaSeconds === undefined ? undefined : rangeOf(etaSeconds, all),
        chaptersDone: all.filter((entry) => entry.done).length,
      };
    },
  };

  function rangeOf(etaSeconds: number, all: readonly Entry[]): readonly [number, number] {
    const left = Math.max(1, chapters.length - all.filter((entry) => entry.done).length);
    const spread = spreadOf(paces, left);
    return [Math.floor(etaSeconds * (1 - spread)), Math.ceil(etaSeconds * (1 + spread))];
  }

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
