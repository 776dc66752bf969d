import type { BookProgress } from "../output/progress-model.js";
import type { Narration, TerminalSize } from "./narration.js";

/** What was told for good, in its order: the outline, each finished chapter once, notices. */
export interface ToldLines {
  lines(): readonly string[];
  notice(text: string, size: TerminalSize): void;
  /** Tells what is new: the outline when it is there, then chapters as they end. */
  follow(state: BookProgress, size: TerminalSize): void;
  /** The same at the end, when an outline that never came is waited for no longer. */
  complete(state: BookProgress, size: TerminalSize): void;
}

export function createToldLines(narration: Narration): ToldLines {
  const toldChapters = new Set<number>();
  let lines: readonly string[] = [];
  let outlineTold = false;
  let chapterTold = false;

  return {
    lines: () => lines,
    notice: (text, size) => add(narration.notice(text, size)),
    follow,
    complete(state, size) {
      outlineTold = true;
      follow(state, size);
    },
  };

  function add(more: readonly string[]): void {
    lines = [...lines, ...more];
  }

  function follow(state: BookProgress, size: TerminalSize): void {
    // Chapters that end before their titles are known are told with the outline.
    if (!outlineTold && state.outlined) tellOutline(state, size);
    if (!outlineTold) return;
    for (const chapter of state.chapters) {
      if (chapter.state !== "done" || toldChapters.has(chapter.number)) continue;
      toldChapters.add(chapter.number);
      add(narration.chapterDone(chapter, state, size, !chapterTold));
      chapterTold = true;
    }
  }

  function tellOutline(state: BookProgress, size: TerminalSize): void {
    outlineTold = true;
    add(narration.outline(state, size));
    for (const chapter of state.chapters) {
      if (chapter.state === "done") toldChapters.add(chapter.number);
    }
  }
}
