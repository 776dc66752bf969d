import type { TextFilter } from "./thinking-filter.js";

/** Longer runs are no words: text without spaces, such as Chinese, is not held back for ever. */
const maxWordChars = 40;
const wordAtEnd = new RegExp(`[\\p{L}\\p{M}\\p{N}'’-]{1,${maxWordChars}}$`, "u");

export interface WordFilter extends TextFilter {
  /** Gives up the half word that is held back, so that a continuation can begin with the whole one. */
  forgetHalfWord(): void;
}

/**
 * Passes text on in whole words: the last one waits until something follows it. What is cut at a length limit can so be
 * continued "with the next word", and no reader ever sees two halves glued wrongly.
 */
export function createWordFilter(): WordFilter {
  let held = "";
  return {
    push(text) {
      const all = held + text;
      // Matched against the end only: the whole of a long piece need not be looked at.
      const end = all.slice(-2 * maxWordChars);
      held = wordAtEnd.exec(end)?.[0] ?? "";
      return all.slice(0, all.length - held.length);
    },
    end() {
      const rest = held;
      held = "";
      return rest;
    },
    forgetHalfWord() {
      held = "";
    },
  };
}
