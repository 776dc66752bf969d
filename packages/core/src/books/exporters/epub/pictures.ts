import type { BookImage } from "../../types.js";
import { pictureSize } from "../picture-size.js";
import { plainSvg } from "./plain-svg.js";

/** Names that are safe as a path inside the book, in every reader. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/i;

const MEASURED = new Set(["image/png", "image/jpeg", "image/gif"]);

/**
 * The pictures that may go into an EPUB as they are, each once. An SVG is only taken in when it is plain and well-formed, and
 * any other only when it says how large it is: a damaged picture, or one that runs or loads something, makes the whole book
 * invalid. What is left out shows as its alternative text.
 */
export function picturesOf(images: readonly BookImage[]): BookImage[] {
  const names = new Set<string>();
  return images.filter(({ name, mediaType, bytes }) => {
    const key = name.toLowerCase();
    if (!PLAIN_NAME.test(name) || names.has(key) || bytes.length === 0) return false;
    if (mediaType === "image/svg+xml" && !plainSvg(bytes)) return false;
    if (MEASURED.has(mediaType) && !pictureSize({ name, mediaType, bytes })) return false;
    names.add(key);
    return true;
  });
}

/** Stands in for a WebP picture in readers older than EPUB 3.3, which do not know that format and must be given another. */
export const webpFallback = `<?xml version="1.0" encoding="utf-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200" viewBox="0 0 320 200">
<title>A picture that this reader cannot show</title>
<rect x="1" y="1" width="318" height="198" fill="none" stroke="#888" stroke-width="2"/>
<path d="M1 160 L90 90 L160 150 L230 70 L319 160" fill="none" stroke="#888" stroke-width="2"/>
</svg>
`;
