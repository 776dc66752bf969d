import type { ProgressEnd } from "../output/renderer.js";
import { spendingText } from "../output/spending.js";
import { truncate, wrap } from "../output/text-width.js";
import { formatCount, plural } from "../output/words.js";
import { formatElapsed } from "./durations.js";
import { lineColumns } from "./live-lines.js";
import type { TerminalSize } from "./narration.js";
import type { TerminalLook } from "./terminal-look.js";

const MAX_REASON_LINES = 6;

/** How it ended, calmly: the verdict, why, the figures, the files, and what to type to go on. */
export function summaryLines(end: ProgressEnd, size: TerminalSize, look: TerminalLook): string[] {
  const { book, files, resumeCommand } = end;
  const { paint, glyphs } = look;
  const columns = lineColumns(size);
  const told = book.error ?? book.paused;
  const reason = told === undefined ? [] : wrap(look.text(told.message), columns - 2);
  const { sign, verdict } = verdictOf(end, look);
  const title = truncate(look.text(book.title), columns - verdict.length - 4, glyphs.ellipsis);
  return [
    "",
    `${sign} ${paint("bold", verdict)}  ${title}`,
    ...reason.slice(0, MAX_REASON_LINES).map((line) => `  ${line}`),
    paint("dim", `  ${factsOf(end).join(glyphs.dot)}`),
    ...files.map((file) => `  ${look.exact(file)}`),
    ...(resumeCommand === undefined
      ? []
      : [`  ${paint("dim", "Go on with")}  ${paint("bold", look.exact(resumeCommand))}`]),
  ];
}

function verdictOf(
  { book }: ProgressEnd,
  { paint, glyphs }: TerminalLook,
): { sign: string; verdict: string } {
  switch (book.status) {
    case "completed":
      return { sign: paint("cyan", glyphs.done), verdict: "Finished" };
    case "failed":
      return { sign: paint("red", glyphs.failed), verdict: "Failed" };
    case "cancelled":
      return { sign: paint("yellow", glyphs.stopped), verdict: "Cancelled" };
    default:
      return { sign: paint("yellow", glyphs.stopped), verdict: "Stopped" };
  }
}

function factsOf({ book, elapsedSeconds }: ProgressEnd): string[] {
  const done = book.chapters.filter((chapter) => chapter.state === "done").length;
  const all = plural(book.chapters.length, "chapter");
  const { usd, inputTokens, outputTokens, estimated } = book.ledger.total;
  const spent = spendingText(usd, inputTokens + outputTokens, estimated);
  return [
    ...(book.chapters.length === 0
      ? []
      : [book.status === "completed" ? all : `${formatCount(done)} of ${all}`]),
    ...(book.words === 0 ? [] : [plural(book.words, "word")]),
    formatElapsed(elapsedSeconds, true),
    ...(spent === undefined ? [] : [spent]),
  ];
}
