import type { BookView } from "@inkwire/core/books";
import type { ProgressRenderer } from "./renderer.js";
import { sanitizeJson } from "./sanitize.js";
import type { Output } from "./stream.js";

/** The last line of `--json`: `{"type":"result","data":…}`. Fields that are not known are left out. */
export interface ResultData {
  readonly status: BookView["status"] | "interrupted";
  readonly book_id?: number;
  readonly task_id?: string;
  readonly title?: string;
  readonly author?: string;
  readonly chapters?: number;
  readonly chapters_done?: number;
  readonly words?: number;
  readonly tokens?: number;
  /** Left out where the price is not known. */
  readonly cost_usd?: number | undefined;
  /** Whether tokens and cost hold what was counted from text. */
  readonly estimated?: boolean;
  /** Absolute paths of what was written. */
  readonly files: readonly string[];
  readonly elapsed_seconds: number;
  readonly exit_code: number;
  /** The command that goes on, when the book is not complete. */
  readonly resume?: string;
  readonly error?: ErrorData;
}

export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly hint?: string;
}

/** Since the command began, to the millisecond. */
export function elapsedSeconds({ startedAtMs }: { readonly startedAtMs: number }): number {
  return Math.round(performance.now() - startedAtMs) / 1000;
}

/** One JSON value on a line of its own. On a terminal, what could act on it is escaped; the value stays the same. */
export function writeJsonLine(output: Output, value: unknown): void {
  const json = JSON.stringify(value);
  output.write(`${output.isTty ? sanitizeJson(json) : json}\n`);
}

/**
 * Every message of the bus as one line of NDJSON on stdout, exactly as on the wire; nothing on stderr. The line with the
 * result is written by the command, which also knows of failures before there is a book.
 */
export function createJsonRenderer(output: Output): ProgressRenderer {
  return {
    start() {},
    snapshot() {},
    message: (message) => writeJsonLine(output, message),
    notice() {},
    ready: () => output.drained(),
    finish: () => output.drained(),
    close: () => output.drained(),
  };
}
