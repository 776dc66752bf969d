import type { BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import { pngOf, withSvg } from "../resvg.js";
import { coverSvg } from "./cover-svg.js";
import { coverTypeFor } from "./fonts.js";

export interface DrawnCover {
  /** 1600 × 2400, its letters as shapes: it looks the same in every reader, whatever fonts that has. */
  readonly svg: string;
  /** The same picture, for shops and shelves that show no SVG. */
  readonly png: Uint8Array;
}

/**
 * The cover as pixels and as shapes; `undefined` where none of our fonts has the letters of the title, as for Chinese: there
 * the reader's own fonts have to do, with {@link coverSvg}.
 */
export async function drawCover(
  facts: BookFacts,
  identifier: string,
): Promise<DrawnCover | undefined> {
  const type = await coverTypeFor(`${facts.title}${facts.byline ?? ""}…`);
  if (type === undefined) return undefined;
  const { family, faces } = type;
  const font = { fontBuffers: [...faces], defaultFontFamily: family, serifFamily: family };
  return withSvg(coverSvg(facts, identifier, family), { font }, (picture) => {
    const title = `<title>${escapeXml(facts.title)}</title>`;
    return {
      svg: `<?xml version="1.0" encoding="utf-8"?>\n${picture.toString().replace(/^<svg[^>]*>/, (root) => root + title)}`,
      png: pngOf(picture),
    };
  });
}
