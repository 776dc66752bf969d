import type { BookView } from "@inkwire/core/books";
import type { BookGenerationUpdate, BookMessage } from "@inkwire/core/protocol";
import type { Clock } from "./clock.js";
import type { ProgressRenderer } from "./renderer.js";
import { sanitizeLine } from "./sanitize.js";
import { spendingText, totalText } from "./spending.js";
import { formatCount, formatSeconds, formatSpan, formatTime, plural } from "./words.js";

export interface PlainRendererOptions {
  /** Takes one line with its line feed. */
  readonly write: (line: string) => void;
  readonly clock: Clock;
  /** Silence after which a line says that it still goes on. @default 30_000 */
  readonly heartbeatMs?: number | undefined;
}

const DEFAULT_HEARTBEAT_MS = 30_000;
const MAX_LISTED_CHAPTERS = 40;

/** For pipes, CI and dumb terminals: one line for each change, with the time of day, and no escape codes. */
export function createPlainRenderer(options: PlainRendererOptions): ProgressRenderer {
  const { write, clock, heartbeatMs = DEFAULT_HEARTBEAT_MS } = options;
  const told = new Map<string, string>();
  let outlineTold = false;
  let progress = 0;
  let words = 0;
  let spokeAt = clock.now().getTime();

  // Four looks in each stretch of silence: the line comes at most a quarter too late.
  const stopHeartbeat = clock.every(heartbeatMs / 4, () => {
    if (clock.now().getTime() - spokeAt < heartbeatMs) return;
    say(
      `${percent(progress)}still writing${words === 0 ? "" : `, ${plural(words, "word")} so far`}`,
    );
  });

  return {
    start({ bookId, title, author }) {
      say(`Book ${bookId}: ${sanitizeLine(title, 200)}`);
      say(`Author: ${sanitizeLine(author)}`);
    },
    snapshot(book) {
      ({ progress, words } = book);
      if (!outlineTold && book.chapters.length > 0) tellOutline(book);
    },
    message(message) {
      if (message.type === "book_generation_update") tellUpdate(message.data);
      else if (message.type === "notification" || message.type === "system_notification") {
        tellNotification(message);
      }
    },
    notice: (text) => say(sanitizeLine(text)),
    finish({ book, files, resumeCommand, elapsedSeconds }) {
      stopHeartbeat();
      const time = formatSeconds(elapsedSeconds);
      if (book.status === "completed") {
        const size = `${plural(book.chapters.length, "chapter")}, ${plural(book.words, "word")}`;
        say(`Finished in ${time}: ${size}`);
        for (const file of files) say(`Saved ${sanitizeLine(file)}`);
      } else {
        const done = book.chapters.filter((chapter) => chapter.state === "done").length;
        const of =
          book.chapters.length === 0
            ? ""
            : ` with ${done} of ${plural(book.chapters.length, "chapter")}`;
        say(`${book.status === "failed" ? "Failed" : "Stopped"} after ${time}${of}`);
        if (book.error !== undefined) write(`error: ${sanitizeLine(book.error.message)}\n`);
        if (book.paused !== undefined) say(sanitizeLine(book.paused.message));
      }
      if (book.ledger.total.requests > 0) say(`Spent ${totalText(book.ledger.total)}`);
      if (resumeCommand !== undefined) say(`Go on with: ${resumeCommand}`);
      return Promise.resolve();
    },
    close() {
      stopHeartbeat();
      return Promise.resolve();
    },
  };

  function say(text: string): void {
    const now = clock.now();
    spokeAt = now.getTime();
    write(`${formatTime(now)}  ${text}\n`);
  }

  function tellUpdate(update: BookGenerationUpdate): void {
    progress = update.progress;
    words = update.words ?? words;
    // Chapters that are written side by side each tell about themselves, again and again.
    const about = update.current_step ?? "";
    const text = `${update.status} ${update.message}`;
    if (told.get(about) === text) return;
    told.set(about, text);
    say(`${percent(progress)}${sanitizeLine(update.message)}${figures(update)}`);
  }

  function tellOutline(book: BookView): void {
    outlineTold = true;
    say(
      `Outline: ${plural(book.chapters.length, "chapter")}, about ${formatCount(book.targetWords)} words`,
    );
    for (const chapter of book.chapters.slice(0, MAX_LISTED_CHAPTERS)) {
      say(`  ${chapter.number}. ${sanitizeLine(chapter.title, 120)}`);
    }
    const more = book.chapters.length - MAX_LISTED_CHAPTERS;
    if (more > 0) say(`  … and ${formatCount(more)} more`);
  }

  function tellNotification(
    message: Extract<BookMessage, { type: "notification" | "system_notification" }>,
  ): void {
    // What happens to the book is told by its updates.
    if (message.data.kind === "book") return;
    say(`${sanitizeLine(message.data.title)}: ${sanitizeLine(message.data.message)}`);
  }
}

function percent(progress: number): string {
  return `${Math.floor(progress)}%`.padStart(4) + "  ";
}

/** What is left and what was spent: ` (2 to 3 min left, ~$0.12)`. */
function figures(update: BookGenerationUpdate): string {
  const { eta_seconds: seconds, eta_low_seconds: low, eta_high_seconds: high } = update;
  const parts = [
    seconds === undefined || seconds < 10
      ? undefined
      : low === undefined || high === undefined
        ? `about ${formatSeconds(seconds)} left`
        : `${formatSpan(low, high)} left`,
    spendingText(update.cost_usd, update.tokens, update.estimated ?? false),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
