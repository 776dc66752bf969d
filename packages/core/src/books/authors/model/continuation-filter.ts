import type { TextFilter } from "./thinking-filter.js";

/** How much of the beginning is compared with the end of what is there. */
const maxOverlapChars = 400;
/** A shorter match is chance. */
const minOverlapChars = 16;

const spaceAtStart = /^[ \t]+/;
const endsInSpace = /\s$/;
const endsInSentence = /[.!?,;:…)]$/;
const beginsWithWord = /^[\p{L}\p{N}]/u;
/** Scripts that put no space between sentences. */
const beginsUnspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * Joins a continuation to the text before it: drops what of that text it repeats at its beginning, and mends the space at
 * the seam. Holds back the first 400 characters.
 */
export function createContinuationFilter(before: string): TextFilter {
  const tail = before.slice(-maxOverlapChars);
  let held = "";
  let open = before === "";

  const release = (): string => {
    open = true;
    const text = withoutOverlap(tail, held);
    held = "";
    if (text === "") return "";
    if (endsInSpace.test(tail)) return text.replace(spaceAtStart, "");
    const needsSpace =
      endsInSentence.test(tail) && beginsWithWord.test(text) && !beginsUnspaced.test(text);
    return needsSpace ? ` ${text}` : text;
  };

  return {
    push(text) {
      if (open) return text;
      held += text;
      return held.length < maxOverlapChars ? "" : release();
    },
    end() {
      return open ? "" : release();
    },
  };
}

function withoutOverlap(tail: string, text: string): string {
  const start = text.trimStart();
  for (let length = Math.min(tail.length, start.length); length >= minOverlapChars; length--) {
    if (tail.endsWith(start.slice(0, length))) return start.slice(length);
    // The text before may end in the white space that the repetition leaves out.
    if (tail.trimEnd().endsWith(start.slice(0, length))) return start.slice(length);
  }
  return text;
}
