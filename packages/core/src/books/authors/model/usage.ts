import { estimateTokens } from "../../estimate-tokens.js";
import type { Usage } from "../../types.js";

/** What a provider says about one call; `undefined` where it does not. */
export interface ReportedUsage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly inputTokenDetails?: { readonly cacheReadTokens?: number | undefined } | undefined;
}

/** What a call cost: as reported, or counted from its text where the provider is silent (or reports nonsense). */
export function usageOf(reported: ReportedUsage, promptChars: number, answerChars: number): Usage {
  const inputTokens = tokenCount(reported.inputTokens);
  const outputTokens = tokenCount(reported.outputTokens);
  const cachedTokens = tokenCount(reported.inputTokenDetails?.cacheReadTokens);
  return {
    inputTokens: inputTokens ?? estimateTokens(promptChars),
    outputTokens: outputTokens ?? estimateTokens(answerChars),
    estimated: inputTokens === undefined || outputTokens === undefined,
    ...(inputTokens === undefined || !cachedTokens
      ? {}
      : { cachedTokens: Math.min(cachedTokens, inputTokens) }),
  };
}

function tokenCount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
