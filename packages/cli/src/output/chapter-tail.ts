import { countWords } from "@inkwire/core/books";

/** The text of one chapter, of which only the end is kept. */
export interface WrittenText {
  /** All of it, in UTF-16 units. */
  readonly length: number;
  /** Its end: at most {@link MAX_TAIL} UTF-16 units. */
  readonly tail: string;
  readonly words: number;
}

/** UTF-16 units of a chapter's end that are kept at most. */
export const MAX_TAIL = 4096;
/** What is left when more came; less than the bound, so that not every piece pays for a cut. */
const KEPT_TAIL = 2048;

/**
 * Puts `text` at `offset`: an offset before the end cuts what was there (the chapter starts over from that place), one
 * behind the end leaves out what never came.
 */
export function appendText(written: WrittenText, offset: number, text: string): WrittenText {
  // Also of a chapter of which nothing was read: the words that a snapshot said it has come now.
  const isNext = offset === written.length && offset > 0;
  const base = isNext ? written : moveEnd(written, offset);
  const joined = base.tail + text;
  return {
    length: offset + text.length,
    tail: joined.length > MAX_TAIL ? joined.slice(-KEPT_TAIL) : joined,
    words: base.words + addedWords(text, base.tail),
  };
}

function moveEnd(written: WrittenText, end: number): WrittenText {
  if (end > written.length) return { length: end, tail: "", words: written.words };
  if (end === 0) return { length: 0, tail: "", words: 0 };
  const keptUnits = written.tail.length - (written.length - end);
  if (keptUnits >= 0) {
    const tail = written.tail.slice(0, keptUnits);
    const cut = addedWords(written.tail.slice(keptUnits), tail);
    return { length: end, tail, words: Math.max(0, written.words - cut) };
  }
  // The words before the tail were not kept one by one; the next snapshot brings the true number.
  return { length: end, tail: "", words: Math.round((written.words * end) / written.length) };
}

/** How far back a word that goes on in the next piece is looked for, in UTF-16 units. */
const LOOK_BACK = 64;

/** Words that `text` adds to `before`, which it follows on, as books count them: a word cut in two counts once. */
function addedWords(text: string, before: string): number {
  const edge = before.slice(-LOOK_BACK);
  // From the last space on: what is before it has nothing to do with the next word.
  const open = edge.slice(edge.search(/\S*$/u));
  return countWords(open + text) - countWords(open);
}
