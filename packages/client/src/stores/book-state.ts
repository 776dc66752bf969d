import type { BookGenerationUpdate } from "@inkwire/core/protocol";
import { unexpected, type Json } from "./request-json.js";

/** A book as a list shows it, in the server's own words (`GET /api/books`). */
export interface BookSummary {
  readonly book_id: number;
  readonly task_id: string;
  readonly title: string;
  readonly status: BookGenerationUpdate["status"];
  /** Not ended, yet nobody works on it: a resume goes on. */
  readonly stopped: boolean;
  /** 0 to 100. */
  readonly progress: number;
  readonly words: number;
  readonly target_words: number;
  readonly chapters_done: number;
  /** 0 before there is an outline. */
  readonly chapter_count: number;
  readonly created_at: string;
  readonly error?: BookGenerationUpdate["error"];
}

export function parseBook(value: unknown): BookSummary {
  const { book_id, task_id, title, status, progress } = (value ?? {}) as Json;
  const isBook =
    typeof book_id === "number" &&
    typeof task_id === "string" &&
    typeof title === "string" &&
    typeof status === "string" &&
    typeof progress === "number";
  if (!isBook) throw unexpected("book");
  return value as BookSummary;
}

/** What a later word says, except that progress never goes back within a task. */
export function advance<T extends Pick<BookGenerationUpdate, "task_id" | "progress">>(
  before: Pick<BookGenerationUpdate, "task_id" | "progress"> | undefined,
  next: T,
): T {
  return before?.task_id === next.task_id && before.progress > next.progress
    ? { ...next, progress: before.progress }
    : next;
}
