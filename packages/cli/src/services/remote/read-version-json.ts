import type { BookEstimate, ChapterChange, RewriteTask, VersionInfo } from "@inkwire/core/books";
import type { WireError } from "@inkwire/core/protocol";
import * as v from "valibot";
import { checkJson } from "./check-json.js";

const wireError = v.object({ code: v.string(), message: v.string(), retryable: v.boolean() });
const count = v.pipe(v.number(), v.minValue(0));
const range = v.object({ low: count, high: count });

const versionsSchema = v.object({
  versions: v.array(
    v.object({
      version: count,
      origin: v.picklist(["written", "edited", "regenerated", "reverted"]),
      at: v.optional(v.string(), ""),
      title: v.string(),
      words: count,
      current: v.boolean(),
    }),
  ),
});
const changeSchema = v.object({ version: count, stale: v.array(count) });
const rewriteSchema = v.object({ task_id: v.string() });
const taskSchema = v.object({
  chapter: count,
  status: v.picklist(["queued", "processing", "completed", "failed", "cancelled"]),
  running: v.boolean(),
  error: v.optional(wireError),
  paused: v.optional(wireError),
  change: v.optional(changeSchema),
});
const estimateSchema = v.object({
  requests: range,
  input_tokens: range,
  output_tokens: range,
  usd: v.optional(range),
  is_free: v.boolean(),
  price_source: v.optional(v.string()),
});

/** The versions of a chapter as the API answers them. @throws InkwireError `invalid_message`, as all of these */
export const readVersionsJson = (value: unknown): VersionInfo[] =>
  checkJson(versionsSchema, value).versions;

export const readChangeJson = (value: unknown): ChapterChange => checkJson(changeSchema, value);

export const readRewriteJson = (value: unknown) => checkJson(rewriteSchema, value);

export function readTaskJson(value: unknown): RewriteTask {
  const { chapter, status, running, error, paused, change } = checkJson(taskSchema, value);
  return {
    chapter,
    status,
    isRunning: running,
    // A newer server may know more codes; they are shown as they are.
    error: error as WireError | undefined,
    paused: paused as WireError | undefined,
    change,
  };
}

export function readEstimateJson(value: unknown): BookEstimate {
  const estimate = checkJson(estimateSchema, value);
  return {
    requests: estimate.requests,
    inputTokens: estimate.input_tokens,
    outputTokens: estimate.output_tokens,
    usd: estimate.usd,
    isFree: estimate.is_free,
    priceSource: estimate.price_source,
  };
}
