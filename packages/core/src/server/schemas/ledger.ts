import * as v from "valibot";
import type { BookLedger, LedgerRequest, LedgerTotal } from "../../books/ledger/types.js";
import { bookNumber, count, time } from "./common.js";

const usd = v.pipe(v.number(), v.minValue(0));
const tokens = { input_tokens: count, output_tokens: count };

const total = v.object({
  ...tokens,
  cached_tokens: count,
  requests: count,
  estimated: v.pipe(v.boolean(), v.description("Whether any part is counted from the text")),
  usd: v.exactOptional(v.pipe(usd, v.description("Of the requests whose price is known"))),
  unpriced: v.pipe(count, v.description("Requests whose price is not known")),
});

const request = v.object({
  ...tokens,
  cached_tokens: v.exactOptional(count),
  author: v.string(),
  purpose: v.string(),
  at: time,
  outcome: v.string(),
  estimated: v.boolean(),
  usd: v.exactOptional(usd),
});

/** What a book used up, by which part, in all its runs. */
export const ledgerSchema = v.object({
  total,
  limits: v.object({
    max_cost_usd: v.exactOptional(v.number()),
    max_tokens: v.exactOptional(count),
  }),
  parts: v.array(
    v.object({
      step: v.string(),
      chapter: v.exactOptional(bookNumber),
      total,
      requests: v.array(request),
      repairs: v.pipe(count, v.description("How often something had to be mended")),
    }),
  ),
});

export type LedgerJson = v.InferOutput<typeof ledgerSchema>;

export function ledgerJson({ total: sum, limits, parts }: BookLedger): LedgerJson {
  const { maxCostUsd, maxTokens } = limits;
  return {
    total: totalJson(sum),
    limits: {
      ...(maxCostUsd !== undefined && { max_cost_usd: maxCostUsd }),
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    },
    parts: parts.map(({ step, chapter, total: part, requests, repairs }) => ({
      step,
      ...(chapter !== undefined && { chapter }),
      total: totalJson(part),
      requests: requests.map(requestJson),
      repairs: repairs.length,
    })),
  };
}

function totalJson(sum: LedgerTotal): LedgerJson["total"] {
  return {
    input_tokens: sum.inputTokens,
    output_tokens: sum.outputTokens,
    cached_tokens: sum.cachedTokens,
    requests: sum.requests,
    estimated: sum.estimated,
    ...(sum.usd !== undefined && { usd: sum.usd }),
    unpriced: sum.unpriced,
  };
}

function requestJson(made: LedgerRequest): LedgerJson["parts"][number]["requests"][number] {
  const { inputTokens, outputTokens, cachedTokens, usd: cost, ...rest } = made;
  return {
    ...rest,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cachedTokens !== undefined && { cached_tokens: cachedTokens }),
    ...(cost !== undefined && { usd: cost }),
  };
}
