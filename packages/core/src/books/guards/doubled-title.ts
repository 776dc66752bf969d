import { isChapterHeading } from "../authors/model/chapter-heading.js";
import type { Finding } from "./finding.js";

/** More lines than a doubled heading has are prose. */
const maxLines = 4;

/**
 * The chapter's own heading at the beginning of its text, where the book prints it anyway: once, twice, with its number, or
 * as `Chapter 1: Chapter 1`.
 */
export function findDoubledTitle(
  text: string,
  chapter: { readonly number: number; readonly title: string },
): Finding[] {
  let end = 0;
  let start: number | undefined;
  for (const match of [...text.matchAll(/[^\n]+/g)].slice(0, maxLines)) {
    const line = match[0].trim();
    if (line === "") continue;
    if (!isChapterHeading(line, chapter.number, chapter.title)) break;
    start ??= match.index;
    end = match.index + match[0].length;
  }
  if (start === undefined) return [];
  return [
    {
      kind: "doubled_title",
      message: "its title stands in its text once more",
      start,
      end,
      cut: true,
    },
  ];
}
