import {
  chaptersDone,
  nextRetry,
  secondsTaken,
  type BookProgress,
  type ChapterProgress,
} from "../output/progress-model.js";
import { formatCount, plural } from "../output/words.js";
import { listedChapters, type Narration } from "./narration.js";
import type { TerminalLook } from "./terminal-look.js";

/** A screen reader speaks every change: the status changes with each twentieth of the book, not with each word. */
const PERCENT_STEP = 5;

/** The book's making in sentences: no signs, nothing that moves, nothing that repeats itself every second. */
export function createSpokenNarration(look: TerminalLook): Narration {
  const titled = ({ number, title }: ChapterProgress): string => {
    const text = look.text(title ?? "");
    return `Chapter ${number}${text === "" ? "" : `: ${text}`}`;
  };

  return {
    isAnimated: () => false,

    header: ({ title, author }) => [look.text(title), `Author: ${look.text(author)}`],

    outline(state, size) {
      const listed = listedChapters(state.chapters.length, size.rows);
      const more = state.chapters.length - listed;
      return [
        `Outline, ${plural(state.chapters.length, "chapter")}:`,
        ...state.chapters
          .slice(0, listed)
          .map((chapter) =>
            chapter.state === "done" ? `${titled(chapter)}, done` : titled(chapter),
          ),
        ...(more > 0 ? [`and ${formatCount(more)} more`] : []),
      ];
    },

    chapterDone(chapter) {
      const seconds = Math.floor(secondsTaken(chapter));
      const facts = [
        ...(chapter.words === 0 ? [] : [plural(chapter.words, "word")]),
        ...(seconds === 0 ? [] : [spokenTime(seconds)]),
      ];
      return [`Done: ${[titled(chapter), ...facts].join(", ")}`];
    },

    notice: (text) => [`Note: ${look.text(text)}`],

    live(state, _size, now) {
      const lines = [status(state)];
      const retry = nextRetry(state, now);
      // As it was told, without a countdown.
      if (retry !== undefined)
        lines.push(look.text(retry.message).replace(/(\d+) s\b/, "$1 seconds"));
      return lines.map((text) => ({ text, width: text.length }));
    },

    summary({ book, files, resumeCommand, elapsedSeconds }) {
      const done = book.chapters.filter((chapter) => chapter.state === "done").length;
      const verdicts: Partial<Record<typeof book.status, string>> = {
        completed: "is complete",
        failed: "stopped by an error",
        cancelled: "was cancelled",
      };
      return [
        `${look.text(book.title)} ${verdicts[book.status] ?? "is not complete yet"}.`,
        ...(book.error === undefined ? [] : [look.text(book.error.message)]),
        ...(book.paused === undefined ? [] : [look.text(book.paused.message)]),
        `${done} of ${plural(book.chapters.length, "chapter")}, ${plural(book.words, "word")}, ${spokenTime(Math.floor(elapsedSeconds))}.`,
        ...files.map((file) => `Saved: ${look.exact(file)}`),
        ...(resumeCommand === undefined ? [] : [`Go on with: ${look.exact(resumeCommand)}`]),
      ];
    },
  };

  function status(state: BookProgress): string {
    const percent = Math.floor(state.percent / PERCENT_STEP) * PERCENT_STEP;
    const writing = state.chapters.filter((chapter) => chapter.state === "writing");
    const all = state.outlined ? ` of ${formatCount(state.chapters.length)}` : "";
    const now =
      writing.length === 0
        ? look.text(state.stage)
        : `writing ${writing.length === 1 ? "chapter" : "chapters"} ${writing.map((chapter) => chapter.number).join(", ")}`;
    return [`${percent} percent`, `${chaptersDone(state)}${all} chapters done`, now]
      .filter((part) => part !== "")
      .join(", ");
  }
}

function spokenTime(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = plural(seconds % 60, "second");
  return minutes === 0 ? rest : `${plural(minutes, "minute")} ${rest}`;
}
