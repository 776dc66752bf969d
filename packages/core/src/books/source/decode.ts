import type { SourceFile } from "../service-types.js";
import { cleanText } from "../text.js";

/** A file's text, and what had to be assumed to read it. */
export interface DecodedSource {
  /** Clean, with LF line ends and without a byte order mark. */
  readonly text: string;
  readonly problem: string | undefined;
}

/**
 * Reads the bytes of a text file: UTF-8, with or without a byte order mark, or UTF-16 with one; else, where not one character
 * beyond ASCII makes sense in UTF-8, Windows-1252.
 *
 * @returns `undefined` for what is no text, such as a picture or a program.
 */
export function decodeSource({ path, bytes }: SourceFile): DecodedSource | undefined {
  const wide = wideEncodingOf(bytes);
  if (wide !== undefined) return decoded(new TextDecoder(wide).decode(bytes));
  if (isBinary(bytes)) return undefined;
  const text = new TextDecoder("utf-8").decode(bytes);
  const damaged = text.split("\uFFFD").length - 1;
  if (damaged === 0) return decoded(text);
  if (/[^\0-\x7F\uFFFD]/.test(text)) {
    return decoded(text, `${path} is not valid UTF-8: ${damaged} characters could not be read.`);
  }
  return decoded(
    new TextDecoder("windows-1252").decode(bytes),
    `${path} is not UTF-8; it was read as Windows-1252.`,
  );
}

function decoded(text: string, problem?: string): DecodedSource {
  return { text: cleanText(text), problem };
}

function wideEncodingOf([first, second]: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

/** A zero byte near the beginning, or many control characters, as no text has. */
function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 65_536);
  if (head.subarray(0, 8_192).includes(0)) return true;
  let control = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) control += 1;
  return control * 20 > head.length;
}
