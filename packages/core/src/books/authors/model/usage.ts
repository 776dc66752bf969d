import type { Usage } from "../../types.js";

/** What a provider says about one call; `undefined` where it does not. */
export interface ReportedUsage {
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** A rule of thumb for European languages; what is counted so is marked as estimated. */
const charsPerToken = 4;

/** How many tokens a text of so many UTF-16 units has, about. */
export function estimateTokens(chars: number): number {
  return Math.ceil(chars / charsPerToken);
}

/** What a call cost: as reported, or counted from its text where the provider is silent (or reports nonsense). */
export function usageOf(reported: ReportedUsage, promptChars: number, answerChars: number): Usage {
  const inputTokens = tokenCount(reported.inputTokens);
  const outputTokens = tokenCount(reported.outputTokens);
  return {
    inputTokens: inputTokens ?? estimateTokens(promptChars),
    outputTokens: outputTokens ?? estimateTokens(answerChars),
    estimated: inputTokens === undefined || outputTokens === undefined,
  };
}

/** Both together; estimated if one of them is. */
export function addUsage(a: Usage | undefined, b: Usage): Usage {
  if (a === undefined) return b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    estimated: a.estimated || b.estimated,
  };
}

function tokenCount(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
