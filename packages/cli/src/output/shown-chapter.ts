import type { Key } from "./keys.js";
import type { BookProgress, ChapterProgress } from "./progress-model.js";

/** The chapter whose newest lines are shown: the chosen one while it is written, else the one where text comes. */
export function shownChapter({
  chapters,
  chosen,
  focus,
}: BookProgress): ChapterProgress | undefined {
  const writing = chapters.filter(isWriting);
  return (
    writing.find(({ number }) => number === chosen) ??
    writing.find(({ number }) => number === focus)
  );
}

/** The state after a key: another one of the chapters that are being written is chosen, round and round, or none. */
export function chooseChapter(state: BookProgress, key: Key): BookProgress {
  if (key === "automatic") return { ...state, chosen: undefined };
  const writing = state.chapters.filter(isWriting);
  const shown = shownChapter(state);
  const step = key === "next" ? 1 : -1;
  const from = shown === undefined ? (step === 1 ? -1 : 0) : writing.indexOf(shown);
  const next = writing.at((from + step) % writing.length);
  return next === undefined ? state : { ...state, chosen: next.number };
}

function isWriting({ state }: ChapterProgress): boolean {
  return state === "writing";
}
