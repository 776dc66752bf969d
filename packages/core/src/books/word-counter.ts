import { countWords } from "./text.js";

/** Counts the words of a text that comes in pieces, each character once. */
export interface WordCounter {
  /** Takes the next piece; gives back how many whole words there are so far. */
  add(piece: string): number;
  /** Begins anew, with this text. */
  reset(text: string): void;
}

/** A word that is cut between two pieces waits for its end. */
export function createWordCounter(): WordCounter {
  let words = 0;
  let rest = "";
  const add = (piece: string): number => {
    const text = rest + piece;
    const end = /\s\S*$/u.exec(text.slice(-4096))?.index;
    const cut =
      end === undefined
        ? text.length > 4096
          ? text.length
          : 0
        : Math.max(0, text.length - 4096) + end;
    words += countWords(text.slice(0, cut));
    rest = text.slice(cut);
    return words;
  };
  return {
    add,
    reset(text) {
      words = 0;
      rest = "";
      add(text);
    },
  };
}
