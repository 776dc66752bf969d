import { secondsTaken, type BookProgress, type ChapterProgress } from "../output/progress-model.js";
import { truncate, wrap } from "../output/text-width.js";
import { formatCount, plural } from "../output/words.js";
import { formatElapsed } from "./durations.js";
import { summaryLines } from "./summary.js";
import { isAnimated, lineColumns, liveLines } from "./live-lines.js";
import { listedChapters, type Narration, type TerminalSize } from "./narration.js";
import type { TerminalLook } from "./terminal-look.js";

/** The book's making for the eye. */
export function createDrawnNarration(look: TerminalLook): Narration {
  const { paint, glyphs } = look;

  return {
    isAnimated,
    live: (state, size, now, hint) => liveLines(state, size, now, look, hint),

    header({ title, author }, size) {
      const columns = lineColumns(size);
      return [
        ...wrap(look.text(title), columns)
          .slice(0, 6)
          .map((line) => paint("bold", line)),
        ...wrap(look.text(`Author: ${author}`), columns)
          .slice(0, 6)
          .map((line) => paint("dim", line)),
      ];
    },

    outline(state, size) {
      const listed = listedChapters(state.chapters.length, size.rows);
      const lines = state.chapters
        .slice(0, listed)
        .map((chapter) =>
          chapter.state === "done"
            ? doneLine(chapter, state, size)
            : `  ${paint("dim", numberOf(chapter, state))}  ${cut(titleOf(chapter), 4 + digitsOf(state), size)}`,
        );
      const more = state.chapters.length - listed;
      if (more > 0) lines.push(paint("dim", `  ${glyphs.ellipsis} and ${formatCount(more)} more`));
      return ["", ...lines];
    },

    chapterDone: (chapter, state, size, first) => [
      ...(first ? [""] : []),
      doneLine(chapter, state, size),
    ],

    notice: (text, size) =>
      wrap(look.text(text), lineColumns(size) - 2).map(
        (line, index) => `${index === 0 ? paint("yellow", glyphs.notice) : " "} ${line}`,
      ),

    summary: (end, size) => summaryLines(end, size, look),
  };

  function cut(text: string, before: number, size: TerminalSize): string {
    return truncate(text, Math.max(1, lineColumns(size) - before), glyphs.ellipsis);
  }

  function titleOf(chapter: ChapterProgress): string {
    return look.text(chapter.title ?? "") || `Chapter ${chapter.number}`;
  }

  function doneLine(chapter: ChapterProgress, state: BookProgress, size: TerminalSize): string {
    const seconds = secondsTaken(chapter);
    const facts = [
      ...(chapter.words === 0 ? [] : [plural(chapter.words, "word")]),
      ...(seconds < 1 ? [] : [formatElapsed(seconds, true)]),
    ].map((fact) => glyphs.dot + fact);
    const tail = facts.join("");
    const before = `${paint("cyan", glyphs.done)} ${paint("dim", numberOf(chapter, state))}  `;
    const taken = 4 + digitsOf(state);
    const room = lineColumns(size) - taken - tail.length;
    if (room < 6) return before + cut(titleOf(chapter), taken, size);
    return before + truncate(titleOf(chapter), room, glyphs.ellipsis) + paint("dim", tail);
  }
}

function digitsOf(state: BookProgress): number {
  return String(state.chapters.at(-1)?.number ?? 1).length;
}

function numberOf(chapter: ChapterProgress, state: BookProgress): string {
  return String(chapter.number).padStart(digitsOf(state));
}
