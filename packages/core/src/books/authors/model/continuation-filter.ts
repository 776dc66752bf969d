import type { TextFilter } from "./thinking-filter.js";

/** How far back a repetition may begin: a model that begins its chapter anew repeats all of it. In UTF-16 units. */
const maxTailChars = 64_000;
/** How much of the beginning is looked at before anything is let go. */
const minHeldChars = 400;
/** A shorter match is chance. */
const minOverlapChars = 16;
/** What is looked for in the text before, to see whether all of it is being repeated. */
const probeChars = 60;

const spaceAtStart = /^[ \t]+/;
const linesAtStart = /^\s+/;
const endsInSpace = /\s$/;
const endsInLine = /\n\s*$/;
const endsInSentence = /[.!?,;:…)"”’]$/;
const beginsWithWord = /^[\p{L}\p{N}"“„]/u;
/** Scripts that put no space between sentences. */
const beginsUnspaced = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * Joins a continuation to the text before it: drops what of that text it repeats at its beginning, and mends the space at
 * the seam. Holds back the first 400 characters, and more for as long as all of it is a repetition.
 */
export function createContinuationFilter(before: string): TextFilter {
  const tail = before.slice(-maxTailChars);
  let held = "";
  let open = before === "";
  const repeats = createRepetitionFinder(tail);

  const release = (): string => {
    open = true;
    const text = withoutOverlap(tail, held);
    held = "";
    if (endsInLine.test(tail)) return text.replace(linesAtStart, "");
    if (endsInSpace.test(tail)) return text.replace(spaceAtStart, "");
    const needsSpace =
      endsInSentence.test(tail) && beginsWithWord.test(text) && !beginsUnspaced.test(text);
    return needsSpace ? ` ${text}` : text;
  };

  return {
    push(text) {
      if (open) return text;
      held += text;
      return held.length < minHeldChars || repeats(held.trimStart()) ? "" : release();
    },
    end() {
      return open ? "" : release();
    },
  };
}

/**
 * Tells of a text that grows whether all of it stands in `tail`, and may so go on repeating it. A place that does not fit
 * is never tried again, so that a text that repeats itself costs no more than another.
 */
function createRepetitionFinder(tail: string): (text: string) => boolean {
  let at = -2;
  return (text) => {
    if (text.length < probeChars) return false;
    const probe = text.slice(0, probeChars);
    if (at === -2) at = tail.indexOf(probe);
    while (at !== -1 && !tail.startsWith(text, at)) at = tail.indexOf(probe, at + 1);
    return at !== -1;
  };
}

function withoutOverlap(tail: string, text: string): string {
  const start = text.trimStart();
  const ends = [tail, tail.trimEnd()];
  const probe = start.slice(0, minOverlapChars);
  if (probe.length < minOverlapChars) return text;
  // The longest first: where the repetition begins earliest.
  for (let at = tail.indexOf(probe); at !== -1; at = tail.indexOf(probe, at + 1)) {
    // The text before may end in the white space that the repetition leaves out.
    for (const end of ends) {
      if (at < end.length && start.startsWith(end.slice(at))) return start.slice(end.length - at);
    }
  }
  return text;
}
