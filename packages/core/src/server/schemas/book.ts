import * as v from "valibot";
import type { BookView, Usage } from "../../books/types.js";
import { bookNumber, count, digits, time, wireError } from "./common.js";
import { ledgerJson, ledgerSchema } from "./ledger.js";

export const bookStatus = v.picklist(["queued", "processing", "completed", "failed", "cancelled"]);

const usage = v.object({
  input_tokens: count,
  output_tokens: count,
  cached_tokens: v.exactOptional(count),
  estimated: v.boolean(),
});

const summaryFields = {
  book_id: bookNumber,
  task_id: v.string(),
  title: v.string(),
  language: v.string(),
  author: v.object({ id: v.string(), label: v.string() }),
  status: bookStatus,
  stopped: v.pipe(
    v.boolean(),
    v.description("Not ended, yet no living process works on it: resume goes on"),
  ),
  paused: v.exactOptional(
    v.pipe(wireError, v.description("Why it waits for a resume, such as the limit it reached")),
  ),
  progress: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  words: count,
  target_words: count,
  chapters_done: count,
  chapter_count: v.pipe(count, v.description("0 before there is an outline")),
  cost_usd: v.exactOptional(v.pipe(v.number(), v.description("What is known of its price so far"))),
  created_at: time,
  updated_at: time,
  error: v.exactOptional(wireError),
};

/** A book as a list shows it. */
export const bookSummarySchema = v.object(summaryFields);

/** A book with its outline, the state of each chapter, and what it used. */
export const bookSchema = v.object({
  ...summaryFields,
  brief: v.string(),
  premise: v.exactOptional(v.string()),
  chapters: v.array(
    v.object({
      number: bookNumber,
      title: v.string(),
      summary: v.string(),
      state: v.picklist(["waiting", "writing", "done"]),
      words: count,
      target_words: count,
      version: v.exactOptional(
        v.pipe(
          bookNumber,
          v.description("Of its text, where that was changed since it was written"),
        ),
      ),
      stale: v.exactOptional(
        v.pipe(v.boolean(), v.description("It rests on a chapter whose text has changed since")),
      ),
    }),
  ),
  usage: v.exactOptional(usage),
  ledger: ledgerSchema,
});

export const bookListSchema = v.object({
  books: v.array(bookSummarySchema),
  next: v.exactOptional(v.pipe(v.string(), v.description("The cursor of the next page"))),
});

export const createdBookSchema = v.object({
  book_id: bookNumber,
  task_id: v.string(),
  status: v.literal("queued"),
});

export const chapterSchema = v.object({
  title: v.string(),
  text: v.string(),
  offset: v.pipe(
    count,
    v.description("Where the text belongs, in UTF-16 units; what a reader has after it is dropped"),
  ),
  done: v.boolean(),
  cursor: v.pipe(
    v.string(),
    v.description("Subscribing to book/<id> after it joins the live text without a hole"),
  ),
});

export const bookParams = v.object({ id: digits(1, Number.MAX_SAFE_INTEGER) });
export const chapterParams = v.object({
  id: digits(1, Number.MAX_SAFE_INTEGER),
  number: digits(1, 10_000),
});

export type BookSummaryJson = v.InferOutput<typeof bookSummarySchema>;
export type BookJson = v.InferOutput<typeof bookSchema>;

export function bookSummaryJson(view: BookView): BookSummaryJson {
  return {
    book_id: view.id,
    task_id: view.taskId,
    title: view.title,
    language: view.language,
    author: { id: view.author.id, label: view.author.label },
    status: view.status,
    stopped: view.stopped,
    ...(view.paused !== undefined && { paused: { ...view.paused } }),
    progress: view.progress,
    words: view.words,
    target_words: view.targetWords,
    chapters_done: view.chapters.filter(({ state }) => state === "done").length,
    chapter_count: view.chapters.length,
    ...(view.ledger.total.usd !== undefined && { cost_usd: view.ledger.total.usd }),
    created_at: view.createdAt,
    updated_at: view.updatedAt,
    ...(view.error === undefined ? {} : { error: { ...view.error } }),
  };
}

export function bookJson(view: BookView): BookJson {
  return {
    ...bookSummaryJson(view),
    brief: view.brief,
    ...(view.premise === undefined ? {} : { premise: view.premise }),
    chapters: view.chapters.map(({ targetWords, version, stale, ...chapter }) => ({
      ...chapter,
      target_words: targetWords,
      ...(version !== undefined && { version }),
      ...(stale !== undefined && { stale }),
    })),
    ...(view.usage === undefined ? {} : { usage: usageJson(view.usage) }),
    ledger: ledgerJson(view.ledger),
  };
}

function usageJson({ inputTokens, outputTokens, cachedTokens, estimated }: Usage) {
  return {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cachedTokens !== undefined && { cached_tokens: cachedTokens }),
    estimated,
  };
}
