import type { BookImage } from "../types.js";

export interface PictureSize {
  readonly type: "png" | "jpg" | "gif";
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

const maxSide = 20_000;

/** How large a picture is, by its first bytes; `undefined` for one that is damaged or of another kind. */
export function pictureSize({ mediaType, bytes }: BookImage): PictureSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (mediaType) {
      case "image/png":
        return view.getUint32(0) === 0x89504e47
          ? checked("png", view.getUint32(16), view.getUint32(20))
          : undefined;
      case "image/gif":
        return view.getUint32(0) === 0x47494638
          ? checked("gif", view.getUint16(6, true), view.getUint16(8, true))
          : undefined;
      case "image/jpeg":
        return jpegSize(view);
      default:
        return undefined;
    }
  } catch {
    // It ends before its size.
    return undefined;
  }
}

/** Walks from segment to segment up to the frame, which says it. */
function jpegSize(view: DataView): PictureSize | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return checked("jpg", view.getUint16(at + 7), view.getUint16(at + 5));
  }
  return undefined;
}

function checked(type: PictureSize["type"], width: number, height: number) {
  const isSane = width > 0 && height > 0 && width <= maxSide && height <= maxSide;
  return isSane ? { type, width, height } : undefined;
}
