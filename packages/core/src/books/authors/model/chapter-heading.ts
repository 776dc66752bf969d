/** Words for "chapter" that models put before titles, also when told not to. */
const chapterWords = [
  "chapter",
  "kapitel",
  "chapitre",
  "capítulo",
  "capitulo",
  "capitolo",
  "hoofdstuk",
  "rozdział",
  "kapitola",
  "kapittel",
  "luku",
  "fejezet",
  "глава",
  "розділ",
  "bölüm",
];
const numberWord =
  "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty";

/** `Chapter 3: `, `Kapitel IV - `, `Chapter One.`, `第三章 `, or one of them alone. */
const chapterPrefix = new RegExp(
  `^(?:(?:${chapterWords.join("|")})\\s+(?:\\d{1,4}|[ivxlc]{1,8}|${numberWord})\\s*(?:[:.)\\u2013\\u2014-]\\s*|$)|第[\\d〇零一二三四五六七八九十百]{1,6}[章回话話]\\s*[:：]?\\s*)`,
  "iu",
);

/** Marks of headings, emphasis, code and quotations around a line. */
const marks = /^[\s#>*_`"“”„«»'‘’]+|[\s#*_`"“”„«»'‘’]+$/gu;
const beginsWithMarkOrNumber = /^[#>*_`"“”„«»'‘’\d第]/u;

/**
 * A chapter's title without what models put around it: Markdown marks, quotation marks, its number, and "Chapter 3:" as
 * often as it comes (`Chapter 1: Chapter 1`). Empty when nothing else was there.
 */
export function bareTitle(line: string, number: number): string {
  const numberPrefix = new RegExp(`^0*${number}\\s*(?:[.):\\u2013\\u2014]|-\\s)\\s*`, "u");
  let title = line.replace(/\s+/gu, " ").replace(marks, "");
  for (;;) {
    const shorter = title.replace(chapterPrefix, "").replace(numberPrefix, "").replace(marks, "");
    if (shorter === title) return title;
    title = shorter;
  }
}

/** Whether `line` only says which chapter this is: its number, its title, or both. */
export function isChapterHeading(line: string, number: number, title: string): boolean {
  if (line.replace(marks, "") === "") return false;
  const rest = bareTitle(line, number);
  return rest === "" || rest.toLowerCase() === bareTitle(title, number).toLowerCase();
}

/** Whether a line that begins with `start` can still become one: see {@link isChapterHeading}. */
export function mayBecomeHeading(start: string, number: number, title: string): boolean {
  if (beginsWithMarkOrNumber.test(start)) return true;
  return begins(start, [...chapterWords, bareTitle(title, number)]);
}

/** Whether `start` begins with one of `words`, or one of them with it; case does not count. */
export function begins(start: string, words: readonly string[]): boolean {
  const lower = start.toLowerCase();
  return words.some((word) => {
    const wanted = word.toLowerCase();
    return lower.startsWith(wanted) || wanted.startsWith(lower);
  });
}
