import type { BookEstimate, BookRequest, Range } from "@inkwire/core/books";
import { formatUsd } from "@inkwire/core/books";
import { InkwireError } from "@inkwire/core/protocol";
import type { ProgressMode } from "../output/renderer.js";
import { formatCount } from "../output/words.js";
import { columnsOf } from "../output/page-look.js";
import { wrap } from "../output/text-width.js";
import type { Runtime } from "../runtime.js";
import { askYesNo, canAsk } from "./ask.js";

export interface ApproveOptions {
  readonly mode: ProgressMode;
  readonly yes: boolean;
  readonly request: Pick<BookRequest, "maxCostUsd" | "maxTokens">;
  readonly estimate: BookEstimate;
}

/**
 * Says what it will likely cost, and asks once on a terminal. Where nobody can be asked, `--yes` or a limit is the consent:
 * money is never spent unasked.
 *
 * @returns `false` when the answer was no.
 * @throws InkwireError `invalid_option` where nobody can be asked and nothing was said.
 */
export async function approveSpending(runtime: Runtime, options: ApproveOptions): Promise<boolean> {
  const { mode, yes, request, estimate } = options;
  const isSilent = mode === "json" || mode === "none";
  if (!isSilent) {
    const lines = wrap(describeEstimate(estimate), columnsOf(runtime.stderr) ?? Infinity);
    runtime.stderr.write(`${lines.join("\n")}\n`);
  }
  if (estimate.isFree || yes) return true;
  const isLimited = request.maxCostUsd !== undefined || request.maxTokens !== undefined;
  if (canAsk(runtime) && !isSilent) return askYesNo(runtime, "Write it?");
  if (isLimited) return true;
  throw new InkwireError("invalid_option", `This book costs money: ${priceOf(estimate)}.`, {
    hint: "say yes with --yes, or set a limit with --max-cost or --max-tokens",
  });
}

/** One line: `Price: about $0.09 to $0.21 for 38,000 to 71,000 tokens (list price of …)`. */
export function describeEstimate(estimate: BookEstimate): string {
  return estimate.isFree
    ? `Price: nothing, ${estimate.priceSource ?? "nobody is paid"}`
    : `Price: about ${priceOf(estimate)}${estimate.priceSource === undefined ? "" : ` (${estimate.priceSource})`}`;
}

function priceOf({ usd, inputTokens, outputTokens }: BookEstimate): string {
  const tokens = `${between(
    {
      low: inputTokens.low + outputTokens.low,
      high: inputTokens.high + outputTokens.high,
    },
    roughly,
  )} tokens`;
  return usd === undefined
    ? `${tokens}; what they cost is not known`
    : `${between(usd, formatUsd)} for ${tokens}`;
}

function between({ low, high }: Range, format: (value: number) => string): string {
  const [from, to] = [format(low), format(high)];
  return from === to ? from : `${from} to ${to}`;
}

/** To two digits: an estimate that is more exact than it can be would mislead. */
function roughly(tokens: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, tokens))) - 1);
  return formatCount(Math.round(tokens / step) * step);
}
