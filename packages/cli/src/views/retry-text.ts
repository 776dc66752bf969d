import type { RetryProgress } from "../output/progress-model.js";
import { textWidth } from "../output/text-width.js";
import type { TerminalLook } from "./terminal-look.js";

/** How a message says when it goes on; it was true only when it was written. */
const WHEN = /\b(?:in \d+ (?:s|min)|now)\b/;
const TRYING_AGAIN = /[,;]? trying again .*$/;

/** What went wrong and when it is tried again, counted down; in few columns the time comes first. */
export function retryText(
  retry: RetryProgress,
  now: number,
  columns: number,
  look: TerminalLook,
): string {
  const message = look.text(retry.message);
  const wait = `in ${Math.max(1, Math.ceil((retry.retryAt - now) / 1000))} s`;
  const full = WHEN.test(message) ? message.replace(WHEN, wait) : `${message} (again ${wait})`;
  return textWidth(full) <= columns ? full : `again ${wait}: ${message.replace(TRYING_AGAIN, "")}`;
}
