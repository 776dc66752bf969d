import { Buffer } from "node:buffer";

/** Texts share slabs, small ones small ones: a reader that lags holds on to the whole slab of what it has not read. */
const SMALL_SLAB_BYTES = 16_384;
const SLAB_BYTES = 131_072;
const MAX_SMALL_BYTES = 1_024;

/**
 * Keeps texts as bytes outside the engine's heap. Thousands of strings that live for a while are copied by the garbage
 * collector again and again, which costs more than all else that happens to a small message; slabs stay where they are. A
 * slab goes with the last one who holds it.
 */
export class TextShelf {
  readonly #small = { slab: NOTHING, used: 0 };
  readonly #large = { slab: NOTHING, used: 0 };
  /** Where the last text was put. */
  slab: Buffer = NOTHING;

  /** Copies `text`, which has `bytes` in UTF-8, into {@link slab}, and tells where it begins. */
  put(text: string, bytes: number): number {
    const isSmall = bytes <= MAX_SMALL_BYTES;
    const open = isSmall ? this.#small : this.#large;
    if (open.used + bytes > open.slab.length) {
      open.slab = Buffer.allocUnsafeSlow(isSmall ? SMALL_SLAB_BYTES : Math.max(SLAB_BYTES, bytes));
      open.used = 0;
    }
    const at = open.used;
    open.slab.write(text, at, encodingOf(text, bytes));
    open.used += bytes;
    this.slab = open.slab;
    return at;
  }
}

const NOTHING = Buffer.alloc(0);

/** Text without a character that takes two bytes is copied as it is. */
function encodingOf(text: string, bytes: number): "latin1" | "utf8" {
  return text.length === bytes ? "latin1" : "utf8";
}
