import type { LedgerRequest, LedgerTotal } from "./types.js";

/** The sum of requests. What was refused counts as a request that cost nothing. */
export function sumRequests(requests: Iterable<LedgerRequest>): LedgerTotal {
  let [count, inputTokens, outputTokens, cachedTokens, usd, unpriced] = [0, 0, 0, 0, 0, 0];
  let estimated = false;
  for (const request of requests) {
    count += 1;
    inputTokens += request.inputTokens;
    outputTokens += request.outputTokens;
    cachedTokens += request.cachedTokens ?? 0;
    estimated ||= request.estimated;
    if (request.usd === undefined) unpriced += 1;
    else usd += request.usd;
  }
  return {
    requests: count,
    inputTokens,
    outputTokens,
    cachedTokens,
    estimated,
    usd: count > 0 && unpriced === count ? undefined : usd,
    unpriced,
  };
}

/** Tokens in and out. */
export function tokensOf({ inputTokens, outputTokens }: LedgerTotal): number {
  return inputTokens + outputTokens;
}
