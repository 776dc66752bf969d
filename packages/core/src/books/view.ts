import type { Job } from "../pipeline/types.js";
import type { BookRecord } from "./book-record.js";
import { sumUsage } from "./sum-usage.js";
import type { BookLedger } from "./ledger/types.js";
import { countWords } from "./text.js";
import type { BookView, Chapter, ChapterState, Outline } from "./types.js";
import type { ChapterHead } from "./versions/version-store.js";

/** Everything that storage knows about a book, read at about the same time. */
export interface BookState {
  readonly record: BookRecord;
  /** Absent when the process ended between storing the book and its job. */
  readonly job: Job | undefined;
  /** A living process works on it or has it in line. */
  readonly isAlive: boolean;
  readonly outline: Outline | undefined;
  /** Finished ones by number, from 1. */
  readonly chapters: ReadonlyMap<number, Chapter>;
  /** What unfinished ones have so far, by number. */
  readonly drafts: ReadonlyMap<number, string>;
  readonly ledger: BookLedger;
  /** Finished chapters as their author wrote them, whatever was changed since. */
  readonly written: ReadonlyMap<number, Chapter>;
  /** Of chapters that were changed. */
  readonly heads: ReadonlyMap<number, ChapterHead>;
  /** Chapters that rest on a text that has changed since. */
  readonly stale: readonly number[];
}

/** A book as its owner sees it. */
export function makeBookView({
  record,
  job,
  isAlive,
  outline,
  chapters,
  drafts,
  ledger,
  heads,
  stale,
}: BookState): BookView {
  const { id, taskId, request, author, createdAt } = record;
  const status = job?.status ?? "queued";
  const hasEnded = status === "completed" || status === "failed" || status === "cancelled";
  const rows = (outline?.chapters ?? []).map(({ number, title, summary, words: targetWords }) => {
    const done = chapters.get(number);
    const draft = drafts.get(number);
    const state: ChapterState =
      done !== undefined ? "done" : draft !== undefined && isAlive ? "writing" : "waiting";
    const words = done?.words ?? (draft === undefined ? 0 : countWords(draft));
    const version = heads.get(number)?.current.version ?? 1;
    return {
      number,
      title: done?.title ?? title,
      summary,
      state,
      words,
      targetWords,
      ...(version === 1 ? {} : { version }),
      ...(stale.includes(number) ? { stale: true } : {}),
    };
  });
  return {
    id,
    taskId,
    title: request.title,
    brief: request.brief,
    language: request.language,
    author: { id: author.id, label: author.label },
    status,
    stopped: !hasEnded && !isAlive,
    paused: hasEnded || isAlive ? undefined : job?.paused,
    progress: job?.progress ?? 0,
    words: rows.reduce((sum, row) => sum + row.words, 0),
    // The user's own text is as long as it is.
    targetWords:
      rows.length === 0 ? request.words : rows.reduce((sum, row) => sum + row.targetWords, 0),
    premise: outline?.premise,
    chapters: rows,
    usage: sumUsage([outline, ...chapters.values()].map((part) => part?.usage)),
    ledger,
    createdAt,
    updatedAt: job?.updatedAt ?? createdAt,
    error: job?.error,
  };
}
