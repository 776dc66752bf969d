import type { ChapterProgress } from "../output/progress-model.js";
import { padEnd, textWidth, truncate } from "../output/text-width.js";
import { plural } from "../output/words.js";
import type { DrawnLine } from "./narration.js";
import { progressBar } from "./progress-bar.js";
import { spinner, type TerminalLook } from "./terminal-look.js";

export interface ChapterLineOptions {
  readonly columns: number;
  /** Columns of the numbers of all chapters. */
  readonly digits: number;
  /** Its newest lines are shown below. */
  readonly shown: boolean;
  /** When it is tried again after it failed, in milliseconds. */
  readonly retryAt: number | undefined;
  /** Milliseconds. */
  readonly now: number;
}

const MIN_TITLE_COLUMNS = 4;
/** `12,345 words` and its space before. */
const WORDS_COLUMNS = 13;

/** A chapter that is being written: `▸  6  The Tide Mill    ━━━━━━╸─────    412 words`. */
export function chapterLine(
  chapter: ChapterProgress,
  options: ChapterLineOptions,
  look: TerminalLook,
): DrawnLine {
  const { columns, digits } = options;
  const { paint, glyphs } = look;
  const mark = markOf(chapter, options, look);
  const number = String(chapter.number).padStart(digits);
  const words = figureOf(chapter, options);
  const barColumns = chapter.targetWords === undefined ? 0 : columnsForBar(columns);
  const titleColumns =
    columns - digits - 4 - WORDS_COLUMNS - (barColumns === 0 ? 0 : barColumns + 2);
  if (titleColumns < MIN_TITLE_COLUMNS) {
    const text = truncate(`${mark} ${number}  ${words}`, columns, glyphs.ellipsis);
    return { text, width: textWidth(text) };
  }
  const ratio = chapter.words / (chapter.targetWords ?? 1);
  const name = look.text(chapter.title ?? "") || `Chapter ${chapter.number}`;
  const title = truncate(name, titleColumns, glyphs.ellipsis);
  const bar = barColumns === 0 ? "" : `  ${progressBar(ratio, barColumns, look)}`;
  const figure = words === "" ? "" : paint("dim", words.padStart(WORDS_COLUMNS));
  const text = `${paint("cyan", mark)} ${paint("dim", number)}  ${padEnd(title, titleColumns)}${bar}${figure}`;
  // No spaces at the end: a terminal that wraps would give them a row.
  return words === "" && bar === ""
    ? { text: text.trimEnd(), width: digits + 4 + textWidth(title) }
    : { text, width: words === "" ? columns - WORDS_COLUMNS : columns };
}

/** Its words, or for how long it waits. */
function figureOf(chapter: ChapterProgress, options: ChapterLineOptions): string {
  const waitMs = waitOf(options);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / 1000);
    return seconds < 600 ? `in ${seconds} s` : `in ${Math.ceil(seconds / 60)} min`;
  }
  return chapter.length === 0 ? "" : plural(chapter.words, "word");
}

function waitOf({ retryAt, now }: ChapterLineOptions): number {
  return retryAt === undefined ? 0 : retryAt - now;
}

function markOf(chapter: ChapterProgress, options: ChapterLineOptions, look: TerminalLook): string {
  if (waitOf(options) > 0 && !options.shown) return look.glyphs.retry;
  if (options.shown) return look.glyphs.shown;
  return chapter.length === 0 ? spinner(options.now, look) : " ";
}

function columnsForBar(columns: number): number {
  if (columns < 36) return 0;
  return columns < 60 ? 6 : 16;
}
