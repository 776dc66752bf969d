import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { BookFacts } from "../book-facts.js";
import { escapeXml } from "../escape.js";
import { coverSvg } from "./cover-svg.js";
import { coverTypeFor } from "./fonts.js";

export interface DrawnCover {
  /** 1600 × 2400, its letters as shapes: it looks the same in every reader, whatever fonts that has. */
  readonly svg: string;
  /** The same picture, for shops and shelves that show no SVG. */
  readonly png: Uint8Array;
}

/** WebAssembly is set up once in a process, however many books it makes. */
let ready: Promise<unknown> | undefined;

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
  ready ??= initWasm(
    readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  await ready;
  const { family, faces } = type;
  const picture = new Resvg(coverSvg(facts, identifier, family), {
    font: { fontBuffers: [...faces], defaultFontFamily: family, serifFamily: family },
  });
  try {
    const image = picture.render();
    try {
      const title = `<title>${escapeXml(facts.title)}</title>`;
      return {
        svg: `<?xml version="1.0" encoding="utf-8"?>\n${picture.toString().replace(/^<svg[^>]*>/, (root) => root + title)}`,
        png: image.asPng(),
      };
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}
