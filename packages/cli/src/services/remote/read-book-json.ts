import type { BookLedger, BookView } from "@inkwire/core/books";
import { InkwireError, type ErrorCode } from "@inkwire/core/protocol";
import * as v from "valibot";
import { checkJson } from "./check-json.js";

const count = v.pipe(v.number(), v.minValue(0));
const error = v.object({
  // A newer server may have codes that this command does not know; they are only shown.
  code: v.pipe(
    v.string(),
    v.transform((code) => code as ErrorCode),
  ),
  message: v.string(),
  retryable: v.boolean(),
});

const total = v.object({
  input_tokens: count,
  output_tokens: count,
  cached_tokens: v.optional(count, 0),
  requests: count,
  estimated: v.boolean(),
  usd: v.optional(count),
  unpriced: v.optional(count, 0),
});

const bookSchema = v.object({
  book_id: v.pipe(count, v.safeInteger(), v.minValue(1)),
  task_id: v.string(),
  title: v.string(),
  brief: v.optional(v.string(), ""),
  language: v.string(),
  author: v.object({ id: v.string(), label: v.string() }),
  status: v.picklist(["queued", "processing", "completed", "failed", "cancelled"]),
  stopped: v.boolean(),
  paused: v.optional(error),
  progress: count,
  words: count,
  target_words: count,
  premise: v.optional(v.string()),
  chapters: v.optional(
    v.array(
      v.object({
        number: count,
        title: v.string(),
        summary: v.string(),
        state: v.picklist(["waiting", "writing", "done"]),
        words: count,
        target_words: count,
        version: v.optional(count),
        stale: v.optional(v.boolean()),
      }),
    ),
    [],
  ),
  usage: v.optional(
    v.object({
      input_tokens: count,
      output_tokens: count,
      cached_tokens: v.optional(count),
      estimated: v.boolean(),
    }),
  ),
  ledger: v.optional(
    v.object({
      total,
      limits: v.object({ max_cost_usd: v.optional(count), max_tokens: v.optional(count) }),
    }),
  ),
  created_at: v.string(),
  updated_at: v.string(),
  error: v.optional(error),
});

/** A book as the API answers it. What a list leaves out is empty. @throws InkwireError `invalid_message` */
export function readBookJson(value: unknown): BookView {
  const book = checkJson(bookSchema, value);
  return {
    id: book.book_id,
    taskId: book.task_id,
    title: book.title,
    brief: book.brief,
    language: book.language,
    author: book.author,
    status: book.status,
    stopped: book.stopped,
    paused: book.paused,
    progress: book.progress,
    words: book.words,
    targetWords: book.target_words,
    premise: book.premise,
    chapters: book.chapters.map(({ target_words: targetWords, version, stale, ...chapter }) => ({
      ...chapter,
      targetWords,
      ...(version !== undefined && { version }),
      ...(stale !== undefined && { stale }),
    })),
    usage: book.usage && {
      inputTokens: book.usage.input_tokens,
      outputTokens: book.usage.output_tokens,
      cachedTokens: book.usage.cached_tokens,
      estimated: book.usage.estimated,
    },
    ledger: readLedger(book.ledger),
    createdAt: book.created_at,
    updatedAt: book.updated_at,
    error: book.error,
  };
}

/** Sums and limits; the requests one by one are the server's. */
function readLedger(ledger: v.InferOutput<typeof bookSchema>["ledger"]): BookLedger {
  const sum = ledger?.total;
  return {
    total: {
      inputTokens: sum?.input_tokens ?? 0,
      outputTokens: sum?.output_tokens ?? 0,
      cachedTokens: sum?.cached_tokens ?? 0,
      requests: sum?.requests ?? 0,
      estimated: sum?.estimated ?? false,
      usd: sum?.usd,
      unpriced: sum?.unpriced ?? 0,
    },
    limits: {
      maxCostUsd: ledger?.limits.max_cost_usd,
      maxTokens: ledger?.limits.max_tokens,
    },
    parts: [],
  };
}

const pageSchema = v.object({ books: v.array(v.unknown()), next: v.optional(v.string()) });
const createdSchema = v.object({
  book_id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  task_id: v.string(),
});
const chapterSchema = v.object({ title: v.string(), text: v.string(), done: v.boolean() });
const problemSchema = v.object({
  code: v.string(),
  detail: v.string(),
  retryable: v.optional(v.boolean(), false),
});

export const readPageJson = (value: unknown) => checkJson(pageSchema, value);
export const readCreatedJson = (value: unknown) => checkJson(createdSchema, value);
export const readChapterJson = (value: unknown) => checkJson(chapterSchema, value);

/** The error that a problem answer (RFC 9457) tells; `undefined` for what is none. */
export function readProblemJson(value: unknown): InkwireError | undefined {
  const { success, output } = v.safeParse(problemSchema, value);
  if (!success) return undefined;
  const { code, detail, retryable } = output;
  return new InkwireError(code as ErrorCode, detail, { retryable });
}
