import * as v from "valibot";
import type { BookEstimate } from "../../books/ledger/estimate.js";
import type {
  ChapterChange,
  RewriteTask,
  VersionInfo,
} from "../../books/versions/chapter-versions.js";
import { bookStatus } from "./book.js";
import { bookNumber, count, digits, wireError } from "./common.js";

const range = v.object({ low: v.number(), high: v.number() });

export const versionListSchema = v.object({
  versions: v.array(
    v.object({
      version: bookNumber,
      origin: v.picklist(["written", "edited", "regenerated", "reverted"]),
      at: v.exactOptional(v.pipe(v.string(), v.description("Absent for a text never changed"))),
      title: v.string(),
      words: count,
      current: v.pipe(v.boolean(), v.description("It is read, and exported")),
    }),
  ),
});

/** What a change of a chapter left. */
export const chapterChangeSchema = v.object({
  version: bookNumber,
  stale: v.pipe(
    v.array(bookNumber),
    v.description("Finished chapters that rest on it and may no longer fit"),
  ),
});

export const estimateSchema = v.object({
  requests: range,
  input_tokens: range,
  output_tokens: range,
  usd: v.exactOptional(v.pipe(range, v.description("Absent where no price is known"))),
  is_free: v.boolean(),
  price_source: v.exactOptional(v.string()),
});

export const rewriteSchema = v.object({ book_id: bookNumber, task_id: v.string() });

export const taskParams = v.object({
  id: digits(1, Number.MAX_SAFE_INTEGER),
  task: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, "expected a task_id")),
});

/** How the writing of one chapter stands. */
export const taskSchema = v.object({
  book_id: bookNumber,
  task_id: v.string(),
  chapter: bookNumber,
  status: bookStatus,
  running: v.pipe(
    v.boolean(),
    v.description(
      "It waits or is being written now; else it has ended, or waits to be asked for again",
    ),
  ),
  error: v.exactOptional(wireError),
  paused: v.exactOptional(v.pipe(wireError, v.description("Why it waits to be asked for again"))),
  change: v.exactOptional(
    v.pipe(chapterChangeSchema, v.description("What it left, where it is completed")),
  ),
});

/** Lengths and characters are the books' own business; here is what a number or text may be at all. */
export const editSchema = v.strictObject({
  text: v.optional(v.string("text: expected text")),
  title: v.optional(v.string("title: expected text")),
});

export const diffQuery = v.strictObject({
  from: v.optional(digits(1, Number.MAX_SAFE_INTEGER)),
  to: v.optional(digits(1, Number.MAX_SAFE_INTEGER)),
});

export const revertSchema = v.strictObject({
  version: v.pipe(v.number("expected a number"), v.safeInteger(), v.minValue(1)),
});

export function versionJson({ version, origin, at, title, words, current }: VersionInfo) {
  return { version, origin, ...(at !== "" && { at }), title, words, current };
}

export function taskJson(bookId: number, taskId: string, task: RewriteTask) {
  const { chapter, status, isRunning, error, paused, change } = task;
  return {
    book_id: bookId,
    task_id: taskId,
    chapter,
    status,
    running: isRunning,
    ...(error !== undefined && { error: { ...error } }),
    ...(paused !== undefined && { paused: { ...paused } }),
    ...(change !== undefined && { change: changeJson(change) }),
  };
}

export function changeJson({ version, stale }: ChapterChange) {
  return { version, stale: [...stale] };
}

export function estimateJson(estimate: BookEstimate) {
  const { requests, inputTokens, outputTokens, usd, isFree, priceSource } = estimate;
  return {
    requests,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(usd !== undefined && { usd }),
    is_free: isFree,
    ...(priceSource !== undefined && { price_source: priceSource }),
  };
}
