import type { Topic } from "../protocol/index.js";

/** More topics than this that hold nothing are not told apart: those that lost something longest ago share one mark. */
const MAX_TOPICS = 100_000;

/** No message stands before this one. */
export const NOWHERE = -1;

/** One topic in a history. */
export interface TopicLine {
  readonly topic: Topic;
  /** Where its newest message stands, and from there one after the other back; {@link NOWHERE} when it had none. */
  newest: number;
  /** The highest number that history has lost of it: who asks from before it has a gap. */
  lostSeq: number;
}

/**
 * What a history knows by topic, in one look. Bounded: what the quietest have lost is merged into a floor for all, which
 * can only name a gap too many, never one too few.
 */
export class TopicLines {
  readonly #lines = new Map<Topic, TopicLine>();
  readonly #maxTopics: number;
  #pruneAt: number;
  #floor = 0;

  constructor(maxTopics = MAX_TOPICS) {
    this.#maxTopics = maxTopics;
    this.#pruneAt = maxTopics;
  }

  get(topic: Topic): TopicLine | undefined {
    return this.#lines.get(topic);
  }

  lostSeqOf(topic: Topic): number {
    return this.#lines.get(topic)?.lostSeq ?? this.#floor;
  }

  /** @param oldest - the place of the oldest message that is kept: a line that ends before it can be forgotten. */
  open(topic: Topic, oldest: number): TopicLine {
    const known = this.#lines.get(topic);
    if (known !== undefined) return known;
    if (this.#lines.size >= this.#pruneAt) this.#prune(oldest);
    const line = { topic, newest: NOWHERE, lostSeq: this.#floor };
    this.#lines.set(topic, line);
    return line;
  }

  /** What is known from elsewhere: this topic has lost something up to that number, though none of it was ever here. */
  lose(topic: Topic, seq: number, oldest: number): void {
    const line = this.open(topic, oldest);
    line.lostSeq = Math.max(line.lostSeq, seq);
  }

  /** Any topic may have lost something up to that number. */
  loseAny(seq: number): void {
    this.#floor = Math.max(this.#floor, seq);
    for (const line of this.#lines.values()) line.lostSeq = Math.max(line.lostSeq, this.#floor);
  }

  clear(): void {
    this.#lines.clear();
  }

  #prune(oldest: number): void {
    // Numbers grow, so the lowest marks are of those that lost something longest ago.
    const quiet = [...this.#lines]
      .filter(([, { newest }]) => newest < oldest)
      .sort(([, a], [, b]) => a.lostSeq - b.lostSeq);
    for (const [topic, { lostSeq }] of quiet.slice(0, Math.ceil(this.#maxTopics / 2))) {
      this.#lines.delete(topic);
      this.#floor = Math.max(this.#floor, lostSeq);
    }
    // What holds messages stays: looked at again once there are many more.
    this.#pruneAt = Math.max(this.#maxTopics, this.#lines.size * 2);
  }
}
