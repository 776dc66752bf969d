import {
  encodeCursor,
  InkwireError,
  isEpoch,
  parseCursor,
  type Cursor,
  type Topic,
} from "../protocol/index.js";
import { conflate } from "./conflate.js";
import { KeptMessages } from "./kept-messages.js";
import { TopicLines, type TopicLine } from "./topic-lines.js";
import type { Draft, Envelope, History, HistoryStats, Replay, Seal } from "./types.js";

export interface MemoryHistoryOptions {
  /** At least 1. @default 10_000 */
  readonly maxMessages?: number | undefined;
  /** Of JSON text; at least 1. @default 33_554_432 */
  readonly maxBytes?: number | undefined;
  /** The incarnation: `[A-Za-z0-9_-]`, at most 40 characters. @default a new one for each history */
  readonly epoch?: string | undefined;
}

/**
 * A history in this process, bounded in messages and bytes; the oldest go first. It ends with the process: a new one has a new
 * epoch. Ephemeral messages are numbered and handed on, and not kept.
 *
 * @throws InkwireError `invalid_option`
 */
export function createMemoryHistory(options: MemoryHistoryOptions = {}): History {
  const maxMessages = options.maxMessages ?? 10_000;
  const maxBytes = options.maxBytes ?? 32 * 1024 * 1024;
  const epoch = options.epoch ?? newEpoch();
  checkBound("maxMessages", maxMessages);
  checkBound("maxBytes", maxBytes);
  if (!isEpoch(epoch))
    throw new InkwireError(
      "invalid_option",
      "Expected epoch to be 1 to 40 characters of A-Z a-z 0-9 _ -",
    );
  return new MemoryHistory(epoch, maxMessages, maxBytes);
}

function checkBound(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new InkwireError(
    "invalid_option",
    `Expected ${name} to be a whole number >= 1, got ${value}`,
  );
}

/** Time and chance, in base 36: short, and never the same for two processes of one host. */
function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  return `${Math.floor(Date.now() / 1000).toString(36)}${random.toString(36).padStart(7, "0")}`;
}

class MemoryHistory implements History {
  readonly epoch: string;
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #listeners = new Set<(envelope: Envelope) => void>();
  readonly #lines = new TopicLines();
  readonly #kept: KeptMessages;
  /** The newest number of each key of `latest`: an older one that is evicted is no loss to anybody. */
  readonly #newest = new Map<string, number>();
  /** Numbered and not told to the listeners yet. */
  readonly #unannounced: Envelope[] = [];
  #announcing = false;
  #seq = 0;
  #evicted = 0;

  constructor(epoch: string, maxMessages: number, maxBytes: number) {
    this.epoch = epoch;
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
    this.#kept = new KeptMessages(epoch);
  }

  head(): Cursor {
    return encodeCursor(this.epoch, this.#seq);
  }

  append({ type, topic, time, data }: Draft, seal: Seal): Envelope {
    const seq = this.#seq + 1;
    const id = encodeCursor(this.epoch, seq);
    const envelope = seal(Object.freeze({ id, type, topic, time, data }), seq);
    this.#seq = seq;
    if (envelope.delivery.class !== "ephemeral") {
      this.#kept.add(envelope, this.#lines.open(topic, this.#kept.oldest));
      if (envelope.key !== undefined && envelope.delivery.class === "latest")
        this.#newest.set(envelope.key, seq);
      this.#evict();
    }
    this.#announce(envelope);
    return envelope;
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async replay(topics: ReadonlySet<Topic>, after: Cursor | undefined): Promise<Replay> {
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
    return {
      messages: this.#kept.count,
      bytes: this.#kept.bytes,
      evicted: this.#evicted,
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#kept.clear();
    this.#lines.clear();
    this.#newest.clear();
  }

  /** A listener may append: its message waits until all have had the current one, so that each sees numbers grow. */
  #announce(envelope: Envelope): void {
    if (this.#announcing) {
      this.#unannounced.push(envelope);
      return;
    }
    this.#announcing = true;
    try {
      let at: Envelope | undefined = envelope;
      while (at !== undefined) {
        for (const listener of this.#listeners) listener(at);
        at = this.#unannounced.length > 0 ? this.#unannounced.shift() : undefined;
      }
    } finally {
      this.#announcing = false;
    }
  }

  #linesOf(topics: Iterable<Topic>): readonly TopicLine[] {
    const lines: TopicLine[] = [];
    for (const topic of topics) {
      const line = this.#lines.get(topic);
      if (line !== undefined) lines.push(line);
    }
    return lines;
  }

  #evict(): void {
    const kept = this.#kept;
    while (kept.count > this.#maxMessages || kept.bytes > this.#maxBytes) {
      kept.dropOldest(this.#lose);
      this.#evicted += 1;
    }
  }

  readonly #lose = (line: TopicLine, seq: number, latestKey: string | undefined): void => {
    if (latestKey !== undefined) {
      if (this.#newest.get(latestKey) !== seq) return;
      this.#newest.delete(latestKey);
    }
    line.lostSeq = seq;
  };
}
