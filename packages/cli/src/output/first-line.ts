import type { Runtime } from "../runtime.js";
import type { ProgressMode } from "./renderer.js";
import { sanitizeLine } from "./sanitize.js";

/** What is on the screen before anything was loaded: a command that shows nothing for a moment looks broken. */
export interface FirstLine {
  /** Takes it away where something better takes its place. Safe to call twice. */
  clear(): void;
}

const ERASE_LINE = "\r\u001B[2K";

/** Says what begins, at once. A live terminal gets it as a passing line, a pipe for good, `--json` and `--quiet` not at all. */
export function sayFirst(
  { stderr }: Pick<Runtime, "stderr">,
  mode: ProgressMode,
  text: string,
): FirstLine {
  if (mode === "json" || mode === "none") return { clear() {} };
  if (mode === "plain") {
    stderr.write(`${sanitizeLine(text, 200)}\n`);
    return { clear() {} };
  }
  // A line that wraps could not be taken away again.
  stderr.write(sanitizeLine(text, Math.max(10, Math.floor((stderr.stream.columns || 80) / 2) - 1)));
  let shown = true;
  return {
    clear() {
      if (shown) stderr.write(ERASE_LINE);
      shown = false;
    },
  };
}
