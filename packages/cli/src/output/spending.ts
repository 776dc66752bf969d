import { formatUsd, type BookLedger, type LedgerTotal } from "@inkwire/core/books";
import { formatCount } from "./words.js";

/** What was spent, for people: `$0.12`, `~$0.12` where a part is estimated, tokens where no price is known. */
export function spendingText(
  costUsd: number | undefined,
  tokens: number | undefined,
  estimated: boolean,
): string | undefined {
  const about = estimated ? "~" : "";
  if (costUsd !== undefined && costUsd > 0) return about + formatUsd(costUsd);
  return tokens === undefined || tokens === 0 ? undefined : `${about}${formatCount(tokens)} tokens`;
}

/** The same of a ledger's sum, both: `$0.12, 41,000 tokens`. */
export function totalText({
  usd,
  inputTokens,
  outputTokens,
  estimated,
  unpriced,
}: LedgerTotal): string {
  const about = estimated ? "~" : "";
  const tokens = `${about}${formatCount(inputTokens)} tokens in, ${about}${formatCount(outputTokens)} out`;
  if (usd === undefined) return `price not known, ${tokens}`;
  const more = unpriced === 0 ? "" : `, ${formatCount(unpriced)} requests of no known price`;
  return `${about}${formatUsd(usd)}${more}, ${tokens}`;
}

/** A ledger as `show --json`, the manifest and the API have it: snake_case, as on the wire. */
export function ledgerJson({ total, limits, parts }: BookLedger): Record<string, unknown> {
  return {
    total: totalJson(total),
    limits: { max_cost_usd: limits.maxCostUsd, max_tokens: limits.maxTokens },
    parts: parts.map((part) => ({
      step: part.step,
      chapter: part.chapter,
      total: totalJson(part.total),
      requests: part.requests.map((request) => ({
        author: request.author,
        purpose: request.purpose,
        at: request.at,
        outcome: request.outcome,
        input_tokens: request.inputTokens,
        output_tokens: request.outputTokens,
        cached_tokens: request.cachedTokens,
        estimated: request.estimated,
        usd: request.usd,
      })),
      repairs: part.repairs,
    })),
  };
}

function totalJson(total: LedgerTotal): Record<string, unknown> {
  return {
    requests: total.requests,
    input_tokens: total.inputTokens,
    output_tokens: total.outputTokens,
    cached_tokens: total.cachedTokens,
    estimated: total.estimated,
    usd: total.usd,
    unpriced: total.unpriced,
  };
}
