import { prose } from "../guards/fixtures.js";

/** A chapter that says one passage twice, in a way that has to be mended. */
export function repeating(chapter: number): string {
  const passage = prose(10, chapter);
  return `${passage}\n\nBut again: ${passage} And so on.`;
}
