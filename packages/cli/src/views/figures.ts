import {
  chaptersDone,
  secondsLeft,
  totalWords,
  type BookProgress,
} from "../output/progress-model.js";
import { spendingText } from "../output/spending.js";
import { formatCount, plural } from "../output/words.js";
import { formatElapsed, formatLeft } from "./durations.js";

/** Below this, figures are short. */
const ROOMY_COLUMNS = 60;

/**
 * Chapters, words, time, cost in one line of `columns`, `dot` between them. Where not all of it fits, it is said shorter, then
 * words and elapsed time are left out: what it costs and how long it takes is what people look for.
 */
export function figures(state: BookProgress, columns: number, now: number, dot: string): string {
  const shapes =
    columns >= ROOMY_COLUMNS ? [...roomy(state, now), ...short(state, now)] : short(state, now);
  for (const parts of shapes) {
    const line = parts.filter((part) => part !== undefined).join(dot);
    if (line.length <= columns) return line;
  }
  return "";
}

type Parts = ReadonlyArray<string | undefined>;

function roomy(state: BookProgress, now: number): Parts[] {
  const { chapters, elapsed, left, spent } = common(state, now, true);
  const words = wordFigure(state);
  return [
    [chapters, targetFigure(state) ?? words, elapsed, left, spent],
    [chapters, words, elapsed, left, spent],
    [chapters, words, left, spent],
  ];
}

function short(state: BookProgress, now: number): Parts[] {
  const { chapters, elapsed, left, spent } = common(state, now, false);
  return [
    [chapters, wordFigure(state), elapsed, left, spent],
    [chapters, elapsed, left, spent],
    [chapters, left, spent],
    [chapters, spent],
    [chapters],
    [elapsed],
  ];
}

function common(state: BookProgress, now: number, isRoomy: boolean) {
  const left = secondsLeft(state, now);
  return {
    chapters: state.outlined ? chapterFigure(state, isRoomy) : undefined,
    elapsed: formatElapsed((now - state.startedAt) / 1000, isRoomy),
    left: left === undefined ? undefined : formatLeft(left, isRoomy),
    spent: spendingText(state.costUsd, state.tokens, state.estimated),
  };
}

function chapterFigure(state: BookProgress, isRoomy: boolean): string {
  const done = formatCount(chaptersDone(state));
  const all = state.chapters.length;
  return isRoomy ? `${done} of ${plural(all, "chapter")}` : `${done}/${formatCount(all)}`;
}

function wordFigure(state: BookProgress): string | undefined {
  const words = totalWords(state);
  return words === 0 ? undefined : plural(words, "word");
}

function targetFigure(state: BookProgress): string | undefined {
  const words = totalWords(state);
  const target = state.targetWords;
  if (words === 0 || target === undefined) return undefined;
  return `${formatCount(words)} of ${formatCount(target)} words`;
}
