import { InkwireError } from "../../protocol/index.js";
import type { Spent, WorstCase } from "./budget.js";
import { formatUsd } from "./format-usd.js";
import type { BookLimits } from "./types.js";

/** For a request that was not made, as it could have taken more than the book may. */
export function budgetExceeded(
  { maxCostUsd, maxTokens }: BookLimits,
  worst: WorstCase,
  spent: Spent,
): InkwireError {
  const overCost = maxCostUsd !== undefined && spent.usd + (worst.usd ?? 0) > maxCostUsd;
  const reason =
    overCost && worst.usd !== undefined
      ? `the limit is ${formatUsd(maxCostUsd)}, ${formatUsd(spent.usd)} is spent, and the next request could cost ${formatUsd(worst.usd)}`
      : `the limit is ${number(maxTokens ?? 0)} tokens, ${number(spent.tokens)} are used, and the next request could take ${number(worst.tokens)}`;
  return new InkwireError(
    "budget_exceeded",
    `Stopped before it costs more than it may: ${reason}.`,
    {
      hint: "Raise the limit with --max-cost or --max-tokens, then resume: what is written is kept.",
    },
  );
}

/** For a request whose limit in money nobody could keep. */
export function limitNeedsPrice(author: string): InkwireError {
  return new InkwireError(
    "invalid_request",
    `maxCostUsd: the price of ${author} is not known; set maxTokens, or say the price with INKWIRE_PRICE`,
  );
}

/** For a limit in money that nobody can keep. */
export function priceUnknown(author: string): InkwireError {
  return new InkwireError(
    "budget_exceeded",
    `The price of ${author} is not known, so a limit in USD can't be kept.`,
    { hint: "Set a limit in tokens instead, or say the price with INKWIRE_PRICE." },
  );
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
