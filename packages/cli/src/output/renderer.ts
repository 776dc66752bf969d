import type { BookView } from "@inkwire/core/books";
import type { BookMessage } from "@inkwire/core/protocol";

/** Where the progress of a book goes: the terminal as a live view, plain lines, NDJSON, or nowhere. */
export type ProgressMode = "tty" | "plain" | "json" | "none";

/** What is known before the first message. */
export interface ProgressStart {
  readonly title: string;
  readonly bookId: number;
  /** Such as "openai:gpt-5, chosen because OPENAI_API_KEY is set". */
  readonly author: string;
}

/** How it ended. `files` are what was written to `--out`. */
export interface ProgressEnd {
  readonly book: BookView;
  readonly files: readonly string[];
  /** The command that goes on, when the book is not complete. */
  readonly resumeCommand: string | undefined;
  /** Seconds since the command began. */
  readonly elapsedSeconds: number;
}

/**
 * Shows one book being written. Calls come in order: `start`, then any of the middle ones, then `finish` or `close`.
 * None of them throws or waits for the terminal; `finish` and `close` resolve when the screen is left tidy.
 */
export interface ProgressRenderer {
  start(start: ProgressStart): void;
  /** The durable state, read again: at the start of a resume, when the outline is there, after a gap. */
  snapshot(book: BookView): void;
  message(message: BookMessage): void;
  /** Resolves when it can take more; who feeds it waits for that before the next message. @default always */
  ready?(): Promise<void>;
  /** A line for people, such as "stopping after this step, Ctrl-C again to stop now". */
  notice(text: string): void;
  finish(end: ProgressEnd): Promise<void>;
  close(): Promise<void>;
}
