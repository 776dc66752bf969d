import type { BookView } from "@inkwire/core/books";
import type { Runtime } from "../runtime.js";
import { commandLine } from "./command-line.js";

/** What a person types to go on with a book: one that reached its limit would only stop again without a higher one. */
export function resumeLine(
  env: Runtime["env"],
  { id, paused, ledger }: Pick<BookView, "id"> & Partial<Pick<BookView, "paused" | "ledger">>,
): string {
  const { maxCostUsd, maxTokens } = (paused?.code === "budget_exceeded" && ledger?.limits) || {};
  const raised = [
    ...(maxCostUsd === undefined ? [] : [`--max-cost ${2 * maxCostUsd}`]),
    ...(maxTokens === undefined ? [] : [`--max-tokens ${2 * maxTokens}`]),
  ];
  return commandLine(env, [`resume ${id}`, ...raised].join(" "));
}
