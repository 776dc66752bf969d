import { endsWhole } from "./draft-cut.js";
import { countWords } from "./text.js";

/** Shorter than this share of its target, a chapter is not taken for done at once: models say so early. */
export const MIN_LENGTH_RATIO = 0.4;
/** Below this share it is no chapter, whatever the model says. */
export const LEAST_LENGTH_RATIO = 0.1;
/** Beyond so many times its target it is ended: what is longer costs money that nobody meant to spend. */
const MAX_TIMES_TOO_LONG = 4;
/** Of a word and its space; generous, for languages with long words. */
const CHARS_PER_WORD = 8;
/** Below it a chapter is never called too long, in UTF-16 units. */
const LEAST_LIMIT = 40_000;

export type Verdict = "whole" | "length_limit" | "unfinished" | "too_short";

/**
 * Whether a chapter is done, whatever the model claims: a proper finish, a closed last sentence, and a length in its band.
 *
 * @param target - in words.
 */
export function judgeChapter(
  text: string,
  finishReason: "stop" | "length",
  target: number,
): Verdict {
  if (finishReason === "length") return "length_limit";
  if (!endsWhole(text)) return "unfinished";
  return countWords(text) < MIN_LENGTH_RATIO * target ? "too_short" : "whole";
}

/** Where a chapter of `target` words is ended, in UTF-16 units. */
export function lengthLimit(target: number): number {
  return Math.max(LEAST_LIMIT, target * CHARS_PER_WORD * MAX_TIMES_TOO_LONG);
}

/** Whether the end of a text says one thing over and over, as a model in a loop does. */
export function isLooping(text: string): boolean {
  const tail = text.slice(-6_000);
  if (tail.length < 6_000) return false;
  const sample = tail.slice(-80);
  return tail.split(sample).length > 8;
}
