import { createHash } from "node:crypto";
import { escapeXml } from "../escape.js";
import type { BookFacts } from "../book-facts.js";

const width = 1_600;
const height = 2_400;
const margin = 170;

/** Paper, ink, accent. */
const palettes = [
  ["#1d2b3a", "#f3ead8", "#d98f5c"],
  ["#f4ecdc", "#23302c", "#b4532a"],
  ["#2f2438", "#f0e6dc", "#d7a86e"],
  ["#e9efe9", "#1f3a36", "#c0653b"],
  ["#3a1f1d", "#f6ead9", "#e0a458"],
  ["#12312e", "#eef0e2", "#d9b36c"],
] as const;

/** Font sizes to try, and how many lines of each fit above the ornament. */
const sizes = [
  [200, 4],
  [160, 5],
  [128, 6],
  [104, 8],
  [84, 10],
  [64, 13],
] as const;

/**
 * A cover of type and lines, as SVG: the title wrapped to fit, whatever its length; colours and waves follow from
 * `identifier`, so a book keeps its cover.
 *
 * @param drawnWith - the font family of whoever draws it now. @default whatever serif the reader has
 */
export function coverSvg(
  { title, byline, direction }: BookFacts,
  identifier: string,
  drawnWith?: string,
): string {
  const seed = createHash("sha256").update(identifier).digest();
  const [paper, ink, accent] = palettes[(seed[0] ?? 0) % palettes.length] ?? palettes[0];
  const { size, lines } = fitTitle(title);
  const x = direction === "rtl" ? width - margin : margin;
  const tspans = lines.map(
    (line, index) =>
      `<tspan x="${x}" y="${Math.round(300 + size + index * size * 1.18)}">${escapeXml(line)}</tspan>`,
  );
  const names = wrap(byline ?? "", 72, 2).map(
    (line, index) => `<tspan x="${x}" y="${2_130 + index * 88}">${escapeXml(line)}</tspan>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escapeXml(title)}</title>
<rect width="${width}" height="${height}" fill="${paper}"/>
<rect x="${direction === "rtl" ? width - margin - 220 : margin}" y="210" width="220" height="12" fill="${accent}"/>
<g fill="none" stroke="${accent}" stroke-width="5">
${waves(seed)}
</g>
<g fill="${ink}" ${typeOf(direction, drawnWith)}>
<text font-size="${size}">${tspans.join("")}</text>
${names.length === 0 ? "" : `<text font-size="72" font-style="italic">${names.join("")}</text>\n`}</g>
</svg>
`;
}

/** In a reader the line begins at its start, wherever that is; resvg knows no `direction` and is told the side. */
function typeOf(direction: BookFacts["direction"], drawnWith: string | undefined): string {
  if (drawnWith === undefined) {
    return `font-family="Georgia, 'Iowan Old Style', 'Noto Serif', 'DejaVu Serif', serif" direction="${direction}"`;
  }
  return `font-family="${escapeXml(drawnWith)}" text-anchor="${direction === "rtl" ? "end" : "start"}"`;
}

/** Nine lines that swing like water, each a little differently. */
function waves(seed: Uint8Array): string {
  return Array.from({ length: 9 }, (_, index) => {
    const y = 1_560 + index * 46;
    const swing = 30 + ((seed[index + 1] ?? 0) % 60);
    const half = 230 + ((seed[index + 11] ?? 0) % 5) * 30;
    const opacity = (0.25 + index * 0.08).toFixed(2);
    const start = -((seed[index + 21] ?? 0) % half);
    const path = `M${start},${y} q${half / 2},${-swing} ${half},0${` t${half},0`.repeat(9)}`;
    return `<path stroke-opacity="${opacity}" d="${path}"/>`;
  }).join("\n");
}

function fitTitle(title: string): { readonly size: number; readonly lines: readonly string[] } {
  for (const [size, most] of sizes) {
    const lines = wrap(title, size, most + 1);
    if (lines.length <= most) return { size, lines };
  }
  const [size, most] = sizes[5];
  return { size, lines: wrap(title, size, most) };
}

/** Breaks at blanks, and inside of words that fill more than a line; what `most` lines do not hold ends in `…`. */
function wrap(text: string, size: number, most: number): string[] {
  const room = (width - 2 * margin) / size;
  const lines: string[] = [];
  let line = "";
  // A line of the smallest size holds some 60 letters: what is beyond this can never show.
  for (const word of text
    .slice(0, 1_500)
    .toWellFormed()
    .split(" ")
    .flatMap((long) => pieces(long, room))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (measure(longer) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== "") lines.push(line);
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1] ?? ""}…`];
}

/** A word in parts that fit on a line, never inside of what readers see as one character. */
function pieces(word: string, room: number): string[] {
  if (measure(word) <= room) return [word];
  const parts = [""];
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    const last = parts.length - 1;
    if (measure((parts[last] ?? "") + segment) > room) parts.push(segment);
    else parts[last] += segment;
  }
  return parts;
}

/** How wide a text is in ems of a serif face, estimated upwards. */
function measure(text: string): number {
  let ems = 0;
  for (const character of text) {
    if (/\p{M}|\u200D/u.test(character)) continue;
    if (
      /[\u1100-\u11FF\u2E80-\uD7FF\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFFEF]|\p{Extended_Pictographic}/u.test(
        character,
      )
    )
      ems += 1.02;
    else if (/[WM@%—]/.test(character)) ems += 1.05;
    else if (/[mw]/.test(character)) ems += 0.95;
    else if (/\p{Lu}/u.test(character)) ems += 0.78;
    else if (/[iljtfr.,:;'’!|() -]/.test(character)) ems += 0.38;
    else ems += 0.58;
  }
  return ems;
}
