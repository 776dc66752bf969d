import { InkwireError } from "../../protocol/index.js";
import { cleanLine, cleanText, isRightToLeft } from "../text.js";
import type { BookDocument } from "../types.js";

/** A document's own words, cleaned and made certain: what every format needs beside the chapters. */
export interface BookFacts {
  /** Never empty. */
  readonly title: string;
  readonly byline: string | undefined;
  readonly premise: string | undefined;
  readonly notice: string | undefined;
  /** In English, such as `Unfinished: 3 of 12 chapters are written.` */
  readonly unfinished: string | undefined;
  /** A well-formed tag; `und` where the document had none. */
  readonly language: string;
  readonly direction: "ltr" | "rtl";
  /** `2026-11-22T21:10:04Z`: EPUB takes no fraction of a second. */
  readonly modified: string;
  readonly chapters: ReadonlyArray<{
    readonly number: number;
    /** Never empty. */
    readonly title: string;
    /** Printed above the title; absent in a book of one chapter and where the title says a number itself. */
    readonly label: string | undefined;
    readonly text: string;
  }>;
}

/** A title that counts by itself: `3. Tides`, `Chapter 3`, `III. Tides`. */
const NUMBERED = /^(?:\d|chapter\s|part\s|[IVXLC]+\.\s)/i;

/** @throws InkwireError `export_failed` where `modified` is no time. */
export function factsOf(document: BookDocument): BookFacts {
  const language = tagOf(document.language);
  const { unfinished, chapters } = document;
  return {
    title: cleanLine(document.title) || "Untitled",
    byline: present(cleanLine(document.byline ?? "")),
    premise: present(cleanText(document.premise ?? "").trim()),
    notice: present(cleanLine(document.notice ?? "")),
    unfinished:
      unfinished && `Unfinished: ${unfinished.done} of ${unfinished.of} chapters are written.`,
    language,
    direction: isRightToLeft(language) ? "rtl" : "ltr",
    modified: secondsOf(document.modified),
    chapters: chapters.map(({ number, title, text }) => {
      const name = cleanLine(title) || String(number);
      const isCounted = chapters.length > 1 && !NUMBERED.test(name);
      return { number, title: name, label: isCounted ? String(number) : undefined, text };
    }),
  };
}

function tagOf(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "und";
  } catch {
    return "und";
  }
}

function secondsOf(modified: string): string {
  const time = new Date(modified);
  if (Number.isNaN(time.getTime())) {
    throw new InkwireError("export_failed", "The book's time of change is no ISO 8601 time.");
  }
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

function present(text: string): string | undefined {
  return text === "" ? undefined : text;
}
