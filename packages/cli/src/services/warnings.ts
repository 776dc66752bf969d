import { inspect } from "node:util";
import { isInkwireError } from "@inkwire/core/protocol";
import type { ProgressMode } from "../output/renderer.js";
import { isDebug } from "../output/report.js";
import { sanitizeLine, sanitizeText } from "../output/sanitize.js";
import type { Runtime } from "../runtime.js";

/** What went wrong beside the work, told once each: a damaged record that was put aside, a draft that was not written. */
export interface Warnings {
  tell(problem: unknown): void;
  /** From now on they are shown by `show`, which knows how to write beside a live view. */
  through(show: (text: string) => void): void;
}

/** @param mode - with `json` and `none` only what a later error says counts. @default "plain" */
export function createWarnings(runtime: Runtime, mode: ProgressMode = "plain"): Warnings {
  const told = new Set<string>();
  let show = (text: string): void => runtime.stderr.write(`warning: ${text}\n`);
  return {
    tell(problem) {
      if (mode === "json" || mode === "none") return;
      const text = describe(problem, isDebug(runtime));
      if (text === undefined || told.has(text)) return;
      told.add(text);
      show(text);
    },
    through(next) {
      show = next;
    },
  };
}

function isDamage(value: unknown): value is { readonly key: string; readonly reason: string } {
  if (typeof value !== "object" || value === null) return false;
  const { key, reason } = value as { readonly key?: unknown; readonly reason?: unknown };
  return typeof key === "string" && typeof reason === "string";
}

/** Problems without words for people are for `--debug` only. */
function describe(problem: unknown, debug: boolean): string | undefined {
  if (debug && problem instanceof Error) return sanitizeText(inspect(problem));
  if (isInkwireError(problem)) {
    return sanitizeLine(
      problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`,
    );
  }
  if (isDamage(problem)) {
    return sanitizeLine(
      `the record ${problem.key} is damaged and was put aside: ${problem.reason}`,
    );
  }
  if (!debug) return undefined;
  return sanitizeText(inspect(problem));
}
