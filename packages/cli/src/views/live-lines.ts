import {
  nextRetry,
  type BookProgress,
  type ChapterProgress,
  type RetryProgress,
} from "../output/progress-model.js";
import { shownChapter } from "../output/shown-chapter.js";
import { textWidth, truncate } from "../output/text-width.js";
import { chapterLine } from "./chapter-line.js";
import { figures } from "./figures.js";
import { latestLines } from "./latest-text.js";
import { planLiveRows } from "./live-rows.js";
import type { DrawnLine, TerminalSize } from "./narration.js";
import { progressBar } from "./progress-bar.js";
import { retryText } from "./retry-text.js";
import { spinner, type TerminalLook } from "./terminal-look.js";

const MAX_PARALLEL_SHOWN = 3;
const MAX_TEXT_ROWS = 3;
/** Longer lines are hard to read, and shorter ones survive most resizes. */
const MAX_LINE_COLUMNS = 84;

/** Columns that lines may take: not the last one, where terminals differ about wrapping. */
export function lineColumns({ columns }: TerminalSize): number {
  return Math.max(1, Math.min(MAX_LINE_COLUMNS, columns - 1));
}

/**
 * What is drawn anew at the bottom of the terminal while the book is written: at most 10 lines, and 2 fewer than it has.
 *
 * @param hint - whether to tell the keys, where there is something to choose. @default false
 */
export function liveLines(
  state: BookProgress,
  size: TerminalSize,
  now: number,
  look: TerminalLook,
  hint = false,
): DrawnLine[] {
  const columns = lineColumns(size);
  const writing = state.chapters.filter((chapter) => chapter.state === "writing");
  const focus = shownChapter(state);
  const retry = shownRetry(state, now);
  const text = focus === undefined ? [] : latestLines(focus.tail, columns - 4, MAX_TEXT_ROWS, look);
  const rows = planLiveRows(size.rows, {
    notice: retry !== undefined || (writing.length === 0 && state.stage !== ""),
    chapters: Math.min(MAX_PARALLEL_SHOWN, writing.length),
    text: text.length,
    hint: hint && writing.length > 1,
  });
  const { paint, glyphs } = look;
  const lines: DrawnLine[] = [];
  const add = (plain: string, draw: (text: string) => string = (line) => line): void => {
    const cut = truncate(plain, columns, glyphs.ellipsis);
    lines.push({ text: draw(cut), width: textWidth(cut) });
  };

  if (rows.gapAbove) add("");
  if (rows.bar) lines.push(barLine(state, columns, look));
  if (rows.figures) add(figures(state, columns, now, glyphs.dot), (line) => paint("dim", line));
  if (rows.notice) {
    if (retry === undefined) add(`${spinner(now, look)} ${look.text(state.stage)}`);
    else
      add(`${glyphs.retry} ${retryText(retry, now, columns - 2, look)}`, (line) =>
        paint("yellow", line),
      );
  }
  if (rows.gapInside) add("");
  const digits = String(state.chapters.at(-1)?.number ?? 1).length;
  for (const chapter of around(writing, focus, rows.chapters)) {
    const retryAt = state.retries.find(({ chapter: number }) => number === chapter.number)?.retryAt;
    const shown = chapter === focus;
    lines.push(chapterLine(chapter, { columns, digits, shown, retryAt, now }, look));
  }
  for (const line of text.slice(text.length - rows.text)) {
    add(`  ${glyphs.gutter} ${line}`, (drawn) => paint("dim", drawn));
  }
  if (rows.hint) {
    const keys = `${glyphs.upDown} other chapter${glyphs.dot}Ctrl-C stops safely`;
    add(keys, (line) => paint("dim", line));
  }
  return lines;
}

/** The retry of the chapter that is looked at, else the one that comes next. */
function shownRetry(state: BookProgress, now: number): RetryProgress | undefined {
  const own = state.retries.find(
    ({ chapter, retryAt }) => chapter !== undefined && chapter === state.chosen && retryAt > now,
  );
  return own ?? nextRetry(state, now);
}

/** As many of the chapters as there are rows for, the one that is looked at among them. */
function around(
  chapters: readonly ChapterProgress[],
  shown: ChapterProgress | undefined,
  rows: number,
): readonly ChapterProgress[] {
  const at = shown === undefined ? 0 : chapters.indexOf(shown);
  const first = Math.max(0, at - rows + 1);
  return chapters.slice(first, first + rows);
}

/** Whether something in {@link liveLines} moves by itself, without a message. */
export function isAnimated(state: BookProgress): boolean {
  const writing = state.chapters.filter((chapter) => chapter.state === "writing");
  return writing.length === 0 || writing.some((chapter) => chapter.length === 0);
}

function barLine(state: BookProgress, columns: number, look: TerminalLook): DrawnLine {
  const percent = `${Math.floor(state.percent)}%`;
  const barColumns = columns - 6;
  if (barColumns < 4) {
    const text = truncate(percent, columns, "");
    return { text, width: text.length };
  }
  const bar = progressBar(state.percent / 100, barColumns, look);
  return { text: `${bar}  ${look.paint("bold", percent.padStart(4))}`, width: columns };
}
