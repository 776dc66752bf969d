import type { Topic } from "../protocol/index.js";

/** More topics than this are not told apart: the ones that lost something longest ago share one mark. */
const MAX_TOPICS = 100_000;

/**
 * For each topic the highest number that history has lost: who asks from before it has a gap. Bounded: the marks of the
 * topics that have been quiet longest are merged into a floor for all, which can only name a gap too many, never one too few.
 */
export class Watermarks {
  readonly #marks = new Map<Topic, number>();
  readonly #maxTopics: number;
  #floor = 0;

  constructor(maxTopics = MAX_TOPICS) {
    this.#maxTopics = maxTopics;
  }

  of(topic: Topic): number {
    return this.#marks.get(topic) ?? this.#floor;
  }

  raise(topic: Topic, seq: number): void {
    this.#marks.set(topic, seq);
    if (this.#marks.size <= this.#maxTopics) return;
    // Numbers grow, so the lowest marks are of those that lost something longest ago.
    const oldestFirst = [...this.#marks].sort(([, a], [, b]) => a - b);
    for (const [quiet, mark] of oldestFirst.slice(0, Math.ceil(this.#maxTopics / 2))) {
      this.#marks.delete(quiet);
      this.#floor = Math.max(this.#floor, mark);
    }
  }
}
