const replacements: ReadonlyArray<readonly [RegExp, string]> = [
  [/[‘’‚‛′]/g, "'"],
  [/[“”„‟″«»]/g, '"'],
  [/[‐‑‒–—―−]/g, "-"],
  [/…/g, "..."],
  [/[·•]/g, "-"],
  [/ß/g, "ss"],
  [/[Ææ]/g, "ae"],
  [/[Øø]/g, "o"],
  [/\p{M}/gu, ""],
];

/** Text for a terminal that shows ASCII alone: letters without their accents, and `?` for what has no likeness. */
export function toAscii(text: string): string {
  let ascii = text.normalize("NFKD");
  for (const [pattern, replacement] of replacements) ascii = ascii.replace(pattern, replacement);
  return ascii.replace(/[^ -~]+/gu, "?");
}
