import type { BookRequest } from "../../types.js";

/** Words that say nothing about a book. */
const COMMON: ReadonlySet<string> = new Set(
  (
    "a about after all also an and any are as at be been before being between both but by can could do does each every for from had " +
    "has have her here him his how i if in into is it its just less like made make many may more most must my never no not of on one " +
    "only or other our out over own she should so some such than that the their them then there these they this those through to " +
    "told too under until up upon very was we were what when where which while who whose why will with without would write written " +
    "you your book chapter chapters story novel guide handbook introduction short long new old first style voice readers reader le la les " +
    "des der die das und el los las del von et"
  ).split(" "),
);

const most = 8;

/** What a book is about, in its own words: those of the title first, then names and long words of the brief. At most 8. */
export function subjectsOf({ title, brief }: BookRequest): string[] {
  const found = new Map<string, string>();
  const take = (text: string, minLength: number, mayBeLower: boolean) => {
    for (const [word] of text.matchAll(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu)) {
      const key = word.toLowerCase();
      const says = word.length >= minLength && word.length <= 30 && !COMMON.has(key);
      const isName = word.charAt(0) !== word.charAt(0).toLowerCase();
      if (found.size < most && says && (mayBeLower || isName) && !found.has(key))
        found.set(key, capital(word));
    }
  };
  take(title, 3, true);
  // Not the first word of a sentence: every one of them looks like a name.
  take(brief.slice(0, 4_000).replace(/(^|[.!?:]\s+)\S+/g, "$1"), 4, false);
  take(brief.slice(0, 4_000), 8, true);
  return [...found.values()];
}

/** With a capital first letter. */
export function capital(word: string): string {
  const [first = ""] = word;
  return first.toUpperCase() + word.slice(first.length);
}
