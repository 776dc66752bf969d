import { Buffer } from "node:buffer";

/** Small texts share a slab: a reader that lags holds at most this for each message that it has not read. */
const SLAB_BYTES = 16_384;
/** A text above this has a slab of its own. */
const OWN_SLAB_BYTES = 2_048;

/**
 * Keeps texts as bytes outside the engine's heap. Thousands of strings that live for a while are copied by the garbage
 * collector again and again, which costs more than all else that happens to a small message; slabs stay where they are. A
 * slab goes with the last one who holds it.
 */
export class TextShelf {
  /** Where the last text was put. */
  slab: Buffer = Buffer.alloc(0);
  #open: Buffer = this.slab;
  #used = 0;

  /** Copies `text`, which has `bytes` in UTF-8, into {@link slab}, and tells where it begins. */
  put(text: string, bytes: number): number {
    if (bytes > OWN_SLAB_BYTES) {
      this.slab = Buffer.allocUnsafeSlow(bytes);
      this.slab.write(text, encodingOf(text, bytes));
      return 0;
    }
    if (this.#used + bytes > this.#open.length) {
      this.#open = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.slab = this.#open;
    this.slab.write(text, at, encodingOf(text, bytes));
    this.#used += bytes;
    return at;
  }
}

/** Text without a character that takes two bytes is copied as it is. */
function encodingOf(text: string, bytes: number): "latin1" | "utf8" {
  return text.length === bytes ? "latin1" : "utf8";
}
