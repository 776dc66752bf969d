/**
 * What no text of ours may hold, as it breaks XML, terminals or the order of reading: control characters but tab and line
 * feed, non-characters, and the marks that turn the writing direction around for all that follows.
 *
 * @see https://www.w3.org/TR/xml/#charsets
 */
const UNWANTED =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  /[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u202A-\u202E\uFDD0-\uFDEF\uFFFE\uFFFF]|\p{Noncharacter_Code_Point}/gu;

/**
 * The same text, fit for XML, JSON, a terminal and a file: well-formed Unicode (a lone surrogate becomes U+FFFD), lines that
 * end in LF, and none of NUL, C0 but tab and line feed, DEL, C1, non-characters, and bidirectional overrides and embeddings.
 *
 * Cleaning twice changes nothing.
 */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, "\n").replace(UNWANTED, "");
}

/** {@link cleanText} for what must be one line, such as a title: white space folded to single blanks, none at the ends. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(/\s+/gu, " ").trim();
}

/** Cleans a text that comes in pieces; see {@link createTextCleaner}. */
export interface TextCleaner {
  /** What is certain after this piece: perhaps one UTF-16 unit less than came, which the next call gives back. */
  push(chunk: string): string;
  /** What was still held back. */
  end(): string;
}

/**
 * {@link cleanText} for a stream: the pieces together are what cleaning the whole would have made, also where a surrogate
 * pair or a CRLF is split between two of them.
 */
export function createTextCleaner(): TextCleaner {
  let held = "";
  return {
    push(chunk) {
      const text = held + chunk;
      held = /[\r\uD800-\uDBFF]$/.exec(text)?.[0] ?? "";
      return cleanText(held === "" ? text : text.slice(0, -1));
    },
    end() {
      const rest = cleanText(held);
      held = "";
      return rest;
    },
  };
}

/** Han and kana, written without spaces, one by one; else runs of letters and digits, joined by what joins words (`don't`, `3.14`). */
const WORD =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]|[[\p{L}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]][[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]]*(?:['’.,\-_][[\p{L}\p{M}\p{N}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]]+)*/gv;

/** How many words `text` has; each Chinese or Japanese character counts as one, punctuation and markup do not. */
export function countWords(text: string): number {
  let words = 0;
  for (const _ of text.matchAll(WORD)) words += 1;
  return words;
}

const maxSlugLength = 60;

/** Letters that NFKD leaves whole, and what they are spelt as in ASCII. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  þ: "th",
  ı: "i",
};

/** Device names that Windows keeps for itself, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * A file name made of any title, without extension: `[a-z0-9]` and single dashes, 1 to 60 characters, never a name that a
 * file system keeps for itself. A title without any Latin letter or digit gives `book`.
 */
export function slug(title: string): string {
  const ascii = title
    .slice(0, 1_000)
    .toWellFormed()
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[ßæœøđðłþı]/g, (letter) => SPELLED[letter] ?? "")
    .replace(/[\p{M}'’]/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const name = cutAtDash(ascii);
  if (name === "") return "book";
  return RESERVED.test(name) ? `book-${name}` : name;
}

/** At most {@link maxSlugLength} characters, whole words where the last one does not begin too early. */
function cutAtDash(name: string): string {
  if (name.length <= maxSlugLength) return name;
  const cut = name.slice(0, maxSlugLength);
  const dash = name[maxSlugLength] === "-" ? maxSlugLength : cut.lastIndexOf("-");
  return dash > maxSlugLength / 2 ? cut.slice(0, dash) : cut;
}

/** Scripts in use today that run from right to left, by ISO 15924. */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set([
  "Adlm",
  "Arab",
  "Hebr",
  "Mand",
  "Nkoo",
  "Rohg",
  "Samr",
  "Syrc",
  "Thaa",
  "Yezi",
]);

/** Whether a language (BCP 47, such as `ar` or `az-Arab`) is written from right to left; `false` for a tag that is none. */
export function isRightToLeft(language: string): boolean {
  try {
    return RIGHT_TO_LEFT.has(new Intl.Locale(language).maximize().script ?? "");
  } catch {
    return false;
  }
}
