import { createHash } from "node:crypto";
import type { BookRequest } from "../../types.js";

/** Choices that look free and are always the same for the same request. */
export interface Seed {
  /** A whole number from 0 to `count` - 1 for a purpose, such as `title 3`. */
  pick(purpose: string, count: number): number;
}

/** Depends on what a reader would notice: not on the author, so that a plan survives a change of author. */
export function seedOf({ title, brief, chapters, words, language }: BookRequest): Seed {
  // Hashed once: a brief may be long, and a long book asks a thousand times.
  const ground = createHash("sha256")
    .update(JSON.stringify([title, brief, chapters, words, language]))
    .digest();
  return {
    pick(purpose, count) {
      const hash = createHash("sha256").update(ground).update(purpose).digest();
      return hash.readUInt32BE(0) % count;
    },
  };
}
