import type { BookProgress, ChapterProgress } from "../output/progress-model.js";
import type { ProgressEnd, ProgressStart } from "../output/renderer.js";

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A line as it is drawn, and the columns that it takes. */
export interface DrawnLine {
  readonly text: string;
  readonly width: number;
}

/** How a book's making is told on a terminal: drawn for the eye, or in sentences for a screen reader. */
export interface Narration {
  /** Whether something on screen moves by itself, every tenth of a second. */
  isAnimated(state: BookProgress): boolean;
  header(start: ProgressStart, size: TerminalSize): string[];
  outline(state: BookProgress, size: TerminalSize): string[];
  /** `first`: none was told before it. */
  chapterDone(
    chapter: ChapterProgress,
    state: BookProgress,
    size: TerminalSize,
    first: boolean,
  ): string[];
  notice(text: string, size: TerminalSize): string[];
  /** What is replaced at the bottom while the book is written: at most 10 lines, and 2 fewer than the terminal has. `hint`: tell the keys. */
  live(state: BookProgress, size: TerminalSize, now: number, hint: boolean): DrawnLine[];
  summary(end: ProgressEnd, size: TerminalSize): string[];
}

/** How many chapters of an outline are listed: all if they fit, else what leaves room for the rest of the screen. */
export function listedChapters(count: number, rows: number): number {
  const fitting = Math.max(5, Math.min(20, rows - 10));
  // "… and 1 more" would take the line of that one.
  return count <= fitting + 1 ? count : fitting;
}
