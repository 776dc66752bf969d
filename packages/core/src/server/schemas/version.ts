import * as v from "valibot";
import type { BookEstimate } from "../../books/ledger/estimate.js";
import type { ChapterChange, VersionInfo } from "../../books/versions/chapter-versions.js";
import { bookNumber, count, digits } from "./common.js";

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
