import type { BookView } from "@inkwire/core/books";
import type { Runtime } from "../runtime.js";
import { truncate, wrap } from "./text-width.js";
import { resumeLine } from "./resume-line.js";
import type { Paint, Style } from "./color.js";
import { sanitizeLine } from "./sanitize.js";
import { ledgerJson, totalText } from "./spending.js";
import { formatCount, plural } from "./words.js";

/** A book as `list --json` and `show --json` print it: snake_case, as on the wire. */
export function bookJson(book: BookView): Record<string, unknown> {
  return {
    book_id: book.id,
    task_id: book.taskId,
    title: book.title,
    brief: book.brief,
    language: book.language,
    author: book.author,
    status: book.status,
    stopped: book.stopped,
    progress: book.progress,
    words: book.words,
    target_words: book.targetWords,
    premise: book.premise,
    chapters: book.chapters.map((chapter) => ({
      number: chapter.number,
      title: chapter.title,
      summary: chapter.summary,
      state: chapter.state,
      words: chapter.words,
      target_words: chapter.targetWords,
      version: chapter.version ?? 1,
      stale: chapter.stale ?? false,
    })),
    usage: book.usage && {
      input_tokens: book.usage.inputTokens,
      output_tokens: book.usage.outputTokens,
      estimated: book.usage.estimated,
    },
    paused: book.paused,
    ledger: ledgerJson(book.ledger),
    created_at: book.createdAt,
    updated_at: book.updatedAt,
    error: book.error,
  };
}

/** What a book's status means to its owner; `stopped` is one that waits for a `resume`. */
export function statusWord(book: BookView): string {
  if (book.stopped) return "stopped";
  return book.status === "processing" ? "writing" : book.status;
}

const statusStyles: Readonly<Record<string, Style>> = {
  completed: "green",
  writing: "cyan",
  stopped: "yellow",
  failed: "red",
  cancelled: "dim",
  queued: "dim",
};

/** What a title needs to be told from others; where there is less room, other columns make it. */
const TITLE_COLUMNS = 16;

/**
 * The table of `list`: one line a book, aligned.
 *
 * @param columns - of the terminal: what is longer is cut, and a narrow one gets neither the time nor the words. @default
 *   as long as they are
 */
export function formatBookTable(
  books: readonly BookView[],
  paint: Paint,
  now: Date,
  columns = Infinity,
): string {
  const full = books.map((book) => [
    String(book.id),
    statusWord(book),
    `${Math.floor(book.progress)}%`,
    formatCount(book.words),
    formatAge(book.updatedAt, now),
    sanitizeLine(book.title, 80),
  ]);
  const names = ["ID", "STATUS", "DONE", "WORDS", "CHANGED", "TITLE"];
  const fullWidths = names.map((name, column) =>
    Math.max(name.length, ...full.map((row) => row[column]?.length ?? 0)),
  );
  let shown = [0, 1, 2, 3, 4, 5];
  const room = (): number =>
    shown.slice(0, -1).reduce((left, column) => left - (fullWidths[column] ?? 0) - 2, columns);
  for (const spare of [4, 3]) {
    if (room() < TITLE_COLUMNS) shown = shown.filter((column) => column !== spare);
  }
  const pick = <T>(cells: readonly T[]): T[] => cells.filter((_, column) => shown.includes(column));
  const header = pick(names);
  const widths = pick(fullWidths);
  const rows = full.map((row) =>
    pick(row).map((cell, column) =>
      column === shown.length - 1 ? truncate(cell, Math.max(TITLE_COLUMNS, room()), "…") : cell,
    ),
  );
  const line = (cells: readonly string[], style: (cell: string, column: number) => string) =>
    cells
      .map((cell, column) => {
        // The title is last and needs no filling; numbers stand at the right.
        if (column === cells.length - 1) return style(cell, column);
        const gap = " ".repeat((widths[column] ?? 0) - cell.length);
        const isNumber = column === 0 || header[column] === "DONE" || header[column] === "WORDS";
        return isNumber ? gap + style(cell, column) : style(cell, column) + gap;
      })
      .join("  ");
  return [
    line(header, (cell) => paint("dim", cell)),
    ...rows.map((row) =>
      line(row, (cell, column) => (column === 1 ? paint(statusStyles[cell] ?? "dim", cell) : cell)),
    ),
    "",
  ].join("\n");
}

/**
 * The page of `show`.
 *
 * @param columns - of the terminal: what is read is broken between words. @default as long as it is
 */
export function formatBook(
  book: BookView,
  paint: Paint,
  env: Runtime["env"] = {},
  columns = Infinity,
): string {
  const word = statusWord(book);
  const status = paint(statusStyles[word] ?? "dim", word);
  const lines = [
    paint("bold", sanitizeLine(book.title, 300)),
    ...(book.premise ? wrap(sanitizeLine(book.premise), columns) : []),
    "",
    `Status    ${status}, ${Math.floor(book.progress)}%`,
    `Author    ${sanitizeLine(book.author.label, 300)}`,
    `Language  ${sanitizeLine(book.language, 40)}`,
    `Length    ${plural(book.words, "word")}${aim(book)}`,
    `Changed   ${sanitizeLine(book.updatedAt, 40)}`,
  ];
  if (book.ledger.total.requests > 0) {
    lines.push(`Spent     ${totalText(book.ledger.total)}`);
  } else if (book.usage !== undefined) {
    const { inputTokens, outputTokens, estimated } = book.usage;
    const about = estimated ? "about " : "";
    lines.push(
      `Tokens    ${about}${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`,
    );
  }
  if (book.error !== undefined) lines.push(`Error     ${sanitizeLine(book.error.message)}`);
  if (book.paused !== undefined) lines.push(`Waits     ${sanitizeLine(book.paused.message)}`);
  if (book.chapters.length > 0)
    lines.push("", ...book.chapters.map((chapter) => chapterLine(chapter, book, paint)));
  if (book.stopped || book.status === "failed" || book.status === "cancelled") {
    lines.push("", `Go on with: ${resumeLine(env, book)}`);
  }
  return `${lines.join("\n")}\n`;
}

function aim({ status, words, targetWords }: BookView): string {
  return status === "completed" || targetWords <= words
    ? ""
    : ` of about ${formatCount(targetWords)}`;
}

function chapterLine(chapter: BookView["chapters"][number], book: BookView, paint: Paint): string {
  const number = String(chapter.number).padStart(String(book.chapters.length).length);
  const title = sanitizeLine(chapter.title, 120);
  const words = paint("dim", plural(chapter.words, "word"));
  if (chapter.state === "done") {
    const version =
      chapter.version === undefined ? "" : paint("dim", `  version ${chapter.version}`);
    const stale = chapter.stale ? `  ${paint("yellow", "may no longer fit")}` : "";
    return `  ${paint("green", "done   ")}  ${number}. ${title}  ${words}${version}${stale}`;
  }
  if (chapter.state === "writing")
    return `  ${paint("cyan", "writing")}  ${number}. ${title}  ${words}`;
  // Nobody writes it now; a resume goes on with what is there.
  if (chapter.words > 0) return `  ${paint("yellow", "begun  ")}  ${number}. ${title}  ${words}`;
  return `  ${paint("dim", "waiting")}  ${number}. ${title}`;
}

const MINUTE = 60_000;

/** `just now`, `5 min ago`, `3 h ago`, then the date. */
function formatAge(instant: string, now: Date): string {
  const ms = now.getTime() - Date.parse(instant);
  if (ms < MINUTE) return "just now";
  if (ms < 60 * MINUTE) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < 24 * 60 * MINUTE) return `${Math.floor(ms / (60 * MINUTE))} h ago`;
  return instant.slice(0, 10);
}
