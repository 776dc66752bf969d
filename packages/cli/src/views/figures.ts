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

/** Chapters, words, time, cost: from the left, as many as fit into `columns`. `dot` stands between them. */
export function figures(state: BookProgress, columns: number, now: number, dot: string): string {
  const roomy = columns >= ROOMY_COLUMNS;
  const left = secondsLeft(state, now);
  const parts = [
    state.outlined ? chapterFigure(state, roomy) : undefined,
    wordFigure(state, roomy),
    formatElapsed((now - state.startedAt) / 1000, roomy),
    left === undefined ? undefined : formatLeft(left, roomy),
    spendingText(state.costUsd, state.tokens, state.estimated),
  ];
  let line = "";
  for (const part of parts) {
    if (part === undefined) continue;
    const longer = line === "" ? part : line + dot + part;
    if (longer.length > columns) break;
    line = longer;
  }
  return line;
}

function chapterFigure(state: BookProgress, roomy: boolean): string {
  const done = formatCount(chaptersDone(state));
  const all = state.chapters.length;
  return roomy ? `${done} of ${plural(all, "chapter")}` : `${done}/${formatCount(all)}`;
}

function wordFigure(state: BookProgress, roomy: boolean): string | undefined {
  const words = totalWords(state);
  if (words === 0) return undefined;
  const target = state.targetWords;
  return roomy && target !== undefined
    ? `${formatCount(words)} of ${formatCount(target)} words`
    : plural(words, "word");
}
