import {
  encodeCursor,
  InkwireError,
  parseCursor,
  type Cursor,
  type Topic,
} from "../protocol/index.js";
import { conflate } from "./conflate.js";
import { KeptMessages } from "./kept-messages.js";
import { TopicLines, type TopicLine } from "./topic-lines.js";
import type { Envelope, HistoryStats, Replay } from "./types.js";

export interface PastBounds {
  readonly maxMessages: number;
  /** Of JSON text. */
  readonly maxBytes: number;
}

/** @throws InkwireError `invalid_option` */
export function checkBounds(bounds: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(bounds)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new InkwireError(
      "invalid_option",
      `Expected ${name} to be a whole number >= 1, got ${value}`,
    );
  }
}

/**
 * What this process knows of one epoch: the messages that are kept, bounded in number and bytes, and what each topic has lost.
 * The oldest go first. Ephemeral messages take a number and are not kept. Who gives the numbers is not its business.
 */
export class Past {
  readonly epoch: string;
  readonly #bounds: PastBounds;
  readonly #lines = new TopicLines();
  readonly #kept: KeptMessages;
  /** The newest number of each key of `latest`: an older one that is evicted is no loss to anybody. */
  readonly #newest = new Map<string, number>();
  #seq = 0;
  #evicted = 0;

  constructor(epoch: string, bounds: PastBounds) {
    this.epoch = epoch;
    this.#bounds = bounds;
    this.#kept = new KeptMessages(epoch);
  }

  /** The number of the newest message. */
  get seq(): number {
    return this.#seq;
  }

  head(): Cursor {
    return encodeCursor(this.epoch, this.#seq);
  }

  /** The next message; numbers grow. */
  add(envelope: Envelope): void {
    this.#seq = envelope.seq;
    if (envelope.delivery.class === "ephemeral") return;
    this.#kept.add(envelope, this.#lines.open(envelope.topic, this.#kept.oldest));
    if (envelope.key !== undefined && envelope.delivery.class === "latest")
      this.#newest.set(envelope.key, envelope.seq);
    const { maxMessages, maxBytes } = this.#bounds;
    while (this.#kept.count > maxMessages || this.#kept.bytes > maxBytes) this.#dropOldest();
  }

  /** Numbers up to this one were given, and nothing of them comes. */
  skipThrough(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
  }

  /** Lets go of all up to this number. */
  dropThrough(seq: number): void {
    while (this.#kept.oldestSeq <= seq) this.#dropOldest();
  }

  /** Something of this topic that never came here is gone, the newest of it with this number. */
  lose(topic: Topic, seq: number): void {
    this.#lines.lose(topic, seq, this.#kept.oldest);
  }

  /** Up to this number something of any topic may be gone. */
  loseAny(seq: number): void {
    this.#lines.loseAny(seq);
  }

  replay(topics: ReadonlySet<Topic>, after: Cursor | undefined): Replay {
    const end = { head: this.head(), headSeq: this.#seq };
    if (after === undefined) return { verdict: "fresh", gaps: [], envelopes: [], ...end };
    const cursor = parseCursor(after);
    if (cursor === undefined || cursor.epoch !== this.epoch || cursor.seq > this.#seq) {
      return { verdict: "reset", gaps: [...topics], envelopes: [], ...end };
    }
    const gaps = [...topics].filter((topic) => this.#lines.lostSeqOf(topic) > cursor.seq);
    return {
      verdict: gaps.length > 0 ? "gap" : "recovered",
      gaps,
      envelopes: conflate(this.#kept.after(this.#linesOf(topics), cursor.seq)),
      ...end,
    };
  }

  stats(): HistoryStats {
    return { messages: this.#kept.count, bytes: this.#kept.bytes, evicted: this.#evicted };
  }

  clear(): void {
    this.#kept.clear();
    this.#lines.clear();
    this.#newest.clear();
  }

  #linesOf(topics: Iterable<Topic>): readonly TopicLine[] {
    const lines: TopicLine[] = [];
    for (const topic of topics) {
      const line = this.#lines.get(topic);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  #dropOldest(): void {
    this.#kept.dropOldest(this.#lose);
    this.#evicted += 1;
  }

  readonly #lose = (line: TopicLine, seq: number, latestKey: string | undefined): void => {
    if (latestKey !== undefined) {
      if (this.#newest.get(latestKey) !== seq) return;
      this.#newest.delete(latestKey);
    }
    // What was told of it from elsewhere may be newer.
    line.lostSeq = Math.max(line.lostSeq, seq);
  };
}
