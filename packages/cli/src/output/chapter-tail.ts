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
  const base = offset === written.length ? written : moveEnd(written, offset);
  const joined = base.tail + text;
  return {
    length: offset + text.length,
    tail: joined.length > MAX_TAIL ? joined.slice(-KEPT_TAIL) : joined,
    words: base.words + countWords(text, base.tail),
  };
}

function moveEnd(written: WrittenText, end: number): WrittenText {
  if (end > written.length) return { length: end, tail: "", words: written.words };
  if (end === 0) return { length: 0, tail: "", words: 0 };
  const keptUnits = written.tail.length - (written.length - end);
  if (keptUnits >= 0) {
    const tail = written.tail.slice(0, keptUnits);
    const cut = countWords(written.tail.slice(keptUnits), tail);
    return { length: end, tail, words: Math.max(0, written.words - cut) };
  }
  // The words before the tail were not kept one by one; the next snapshot brings the true number.
  return { length: end, tail: "", words: Math.round((written.words * end) / written.length) };
}

/**
 * Words that begin in `text`, which follows on `before`: runs of letters and digits, also those that `don't` and `3.14`
 * join, and each Chinese or Japanese character. As books count them, but piece by piece.
 */
export function countWords(text: string, before = ""): number {
  let words = 0;
  const end = before.slice(-LOOK_BACK).replace(MARKS, "");
  let last = kindOf(end, end.length - 1);
  let lastButOne = kindOf(end, end.length - 2);
  for (let index = 0; index < text.length; index += 1) {
    const kind = kindOf(text, index);
    if (kind === "character") words += 1;
    else if (
      kind === "letter" &&
      last !== "letter" &&
      !(last === "joiner" && lastButOne === "letter")
    ) {
      words += 1;
    }
    // A mark belongs to the letter before it.
    if (kind === "mark") continue;
    lastButOne = last;
    last = kind;
  }
  return words;
}

type CharKind = "letter" | "character" | "joiner" | "mark" | "other";

const CHARACTER = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u;
const LETTER = /[\p{L}\p{N}]/u;
const MARK = /\p{M}/u;
const MARKS = /\p{M}/gu;
/** Two characters decide, and the marks on them. */
const LOOK_BACK = 16;

function kindOf(text: string, index: number): CharKind {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return asciiKinds[unit] ?? "other";
  const char = text.charAt(index);
  if (char === "" || char === "’") return char === "" ? "other" : "joiner";
  if (CHARACTER.test(char)) return "character";
  if (LETTER.test(char)) return "letter";
  return MARK.test(char) ? "mark" : "other";
}

/** Most text is ASCII, and a message costs as much as its characters do. */
const asciiKinds: readonly CharKind[] = Array.from({ length: 0x80 }, (_, unit) => {
  const char = String.fromCharCode(unit);
  if (/[0-9A-Za-z]/.test(char)) return "letter";
  return "'.,-_".includes(char) ? "joiner" : "other";
});
