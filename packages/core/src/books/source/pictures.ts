import type { SourceFile } from "../service-types.js";
import type { BookImage } from "../types.js";

type MediaType = BookImage["mediaType"];

const EXTENSIONS: Readonly<Record<MediaType, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/svg+xml": "svg",
  "image/webp": "webp",
};

/** What kind of picture `bytes` are, by their beginning, whatever the file is called; `undefined` for everything else. */
export function pictureTypeOf(bytes: Uint8Array): MediaType | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1_024)).toString(
    "latin1",
  );
  if (head.startsWith("\x89PNG\r\n\x1A\n")) return "image/png";
  if (head.startsWith("\xFF\xD8\xFF")) return "image/jpeg";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[^]{4}WEBP/.test(head)) return "image/webp";
  const isSvg =
    /^(?:\xEF\xBB\xBF)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(
      head,
    );
  return isSvg ? "image/svg+xml" : undefined;
}

/** Gathers the pictures of a book and gives them names inside of it, `image-1.png` and so on, in order of use. */
export function createPictureShelf(files: readonly SourceFile[]) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const names = new Map<string, string | undefined>();
  const images: BookImage[] = [];
  return {
    images,
    /** The name of the picture at `path`; `undefined` where there is none, or it is no picture. */
    nameOf(path: string): string | undefined {
      if (names.has(path)) return names.get(path);
      const bytes = byPath.get(path)?.bytes;
      const mediaType = bytes && pictureTypeOf(bytes);
      if (bytes === undefined || mediaType === undefined) {
        names.set(path, undefined);
        return undefined;
      }
      const name = `image-${images.length + 1}.${EXTENSIONS[mediaType]}`;
      images.push({ name, mediaType, bytes });
      names.set(path, name);
      return name;
    },
  };
}

/** Whether a path is called like a picture. */
export function isPictureName(path: string): boolean {
  return /\.(?:png|jpe?g|gif|svg|webp)$/i.test(path);
}
