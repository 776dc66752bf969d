import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { readWoff, type FontFace } from "./woff.js";

/** The typefaces of covers, the most beautiful first: the second knows more scripts, the third Arabic. */
const families = [
  {
    family: "PT Serif",
    packageName: "pt-serif",
    parts: ["latin", "latin-ext", "cyrillic", "cyrillic-ext"],
  },
  {
    family: "Tinos",
    packageName: "tinos",
    parts: [
      "latin",
      "latin-ext",
      "greek",
      "greek-ext",
      "cyrillic",
      "cyrillic-ext",
      "hebrew",
      "vietnamese",
    ],
  },
  { family: "Amiri", packageName: "amiri", parts: ["latin", "latin-ext", "arabic"] },
] as const;

/** What a cover is drawn with. */
export interface CoverType {
  readonly family: string;
  readonly faces: readonly Uint8Array[];
}

const { resolve } = createRequire(import.meta.url);

/**
 * The first typeface that has every character of `text`, cut to the parts that are needed; `undefined` where none has, as
 * for Chinese. They travel with inkwire: a font of the system would give another picture on another machine.
 */
export async function coverTypeFor(text: string): Promise<CoverType | undefined> {
  const characters = new Set([...text.normalize("NFC")].map((one) => one.codePointAt(0) ?? 0));
  for (const { family, packageName, parts } of families) {
    const wanted = new Set([...characters].filter((one) => !isUnseen(one)));
    const faces: Uint8Array[] = [];
    for (const part of parts) {
      if (wanted.size === 0 && faces.length > 0) break;
      const face = await loadFace(packageName, part);
      const found = [...wanted].filter((one) => face.has(one));
      // The first one is needed always: it carries the blank.
      if (found.length === 0 && faces.length > 0) continue;
      faces.push(face.bytes);
      for (const one of found) wanted.delete(one);
    }
    if (wanted.size === 0) return { family, faces };
  }
  return undefined;
}

/** The faces for scripts that few programs bring fonts for: Arabic and Hebrew. */
export async function scriptFonts(): Promise<readonly Uint8Array[]> {
  const faces = await Promise.all([loadFace("amiri", "arabic"), loadFace("tinos", "hebrew")]);
  return faces.map(({ bytes }) => bytes);
}

async function loadFace(packageName: string, part: string): Promise<FontFace> {
  const file = resolve(`@fontsource/${packageName}/files/${packageName}-${part}-400-normal.woff`);
  return readWoff(await readFile(file));
}

/** Marks that join, split or turn and have no glyph of their own. */
function isUnseen(character: number): boolean {
  return /[\p{Cf}\p{Variation_Selector}]/u.test(String.fromCodePoint(character));
}
