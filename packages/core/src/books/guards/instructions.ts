import { excerpt, paragraphsOf, type Finding } from "./finding.js";

/** As long as this, words that stand in the instructions too are no coincidence; in UTF-16 units. */
const minShared = 40;
/** A mark that only our own requests carry. */
const MARK = /\[inkwire (?:outline|chapter|continue|mend|facts)\b/i;

/**
 * Paragraphs in which an author repeats what it was told, as a brief may order it to: word for word, whatever is around it.
 *
 * @param instructions - the rules of its prompt, a line each; not the material, which may well stand in the book.
 */
export function findInstructions(text: string, instructions = ""): Finding[] {
  const rules = instructions.split("\n").flatMap((line) => {
    const rule = plain(line);
    return rule.length < minShared ? [] : [rule];
  });
  return paragraphsOf(text).flatMap(({ text: paragraph, start, end }) => {
    const said = plain(paragraph);
    const isLeak = MARK.test(paragraph) || rules.some((rule) => shares(said, rule));
    if (!isLeak) return [];
    const message = `the author repeats its instructions: "${excerpt(paragraph)}"`;
    return [{ kind: "preamble", message, start, end, cut: true }];
  });
}

/** A rule is there as a whole, or the beginning of it that was not cut off. */
function shares(said: string, rule: string): boolean {
  return said.includes(rule.slice(0, Math.max(minShared, Math.floor(rule.length / 2))));
}

/** Without what Markdown or a list puts around the words. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[*_`>#|\\-]+/g, " ")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201C\u201D]/g, '"')
    .replace(/\s+/gu, " ")
    .trim();
}
