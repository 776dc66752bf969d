import type { BookDocument } from "../../types.js";
import { coverTypeFor } from "../cover/fonts.js";
import { picturesOf } from "../epub/pictures.js";
import { pictureSize } from "../picture-size.js";
import { pngOf, withSvg } from "../resvg.js";

/** A picture as it is shown. */
export interface DocxPicture {
  readonly type: "png" | "jpg" | "gif" | "svg";
  readonly bytes: Uint8Array;
  /** Of an SVG, the same as PNG, for what shows no SVG. */
  readonly fallback?: Uint8Array | undefined;
  readonly width: number;
  readonly height: number;
}

/** The widest and highest that a picture gets, in pixels of 1/96 inch: what a page of A4 leaves. */
const maxWidth = 600;
const maxHeight = 800;
/** Of the pixels that an SVG is drawn with, to those it takes on the page: it is printed, too. */
const DENSITY = 2;

/** The pictures that Word can show, by their names. WebP is none of them. */
export async function docxPictures({ images }: BookDocument): Promise<Map<string, DocxPicture>> {
  const pictures = new Map<string, DocxPicture>();
  for (const image of picturesOf(images)) {
    const { name, bytes, mediaType } = image;
    if (mediaType === "image/svg+xml") {
      const drawn = await drawSvg(bytes).catch(() => undefined);
      if (drawn !== undefined) pictures.set(name, drawn);
      continue;
    }
    const size = pictureSize(image);
    if (size !== undefined) pictures.set(name, { type: size.type, bytes, ...fitted(size) });
  }
  return pictures;
}

/** @throws whatever the renderer has against it: then its words stand in its place. */
async function drawSvg(bytes: Uint8Array): Promise<DocxPicture> {
  const svg = new TextDecoder().decode(bytes);
  const size = await withSvg(svg, {}, fitted);
  const type = await coverTypeFor(svg.replaceAll(/<[^>]*>/g, ""));
  const font = type && { fontBuffers: [...type.faces], defaultFontFamily: type.family };
  const options = { fitTo: { mode: "width", value: size.width * DENSITY } as const };
  const fallback = await withSvg(svg, font ? { ...options, font } : options, pngOf);
  return { type: "svg", bytes, fallback, ...size };
}

function fitted({ width, height }: { readonly width: number; readonly height: number }) {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}
