import {
  encodeCursor,
  InkwireError,
  isEpoch,
  parseCursor,
  type Cursor,
  type Topic,
} from "../protocol/index.js";
import { conflate } from "./conflate.js";
import { TextShelf } from "./text-shelf.js";
import { TopicIndex } from "./topic-index.js";
import { Watermarks } from "./watermarks.js";
import type { Draft, Envelope, History, HistoryStats, Replay, Seal } from "./types.js";

export interface MemoryHistoryOptions {
  /** At least 1. @default 10_000 */
  readonly maxMessages?: number | undefined;
  /** Of JSON text; at least 1. @default 33_554_432 */
  readonly maxBytes?: number | undefined;
  /** The incarnation: `[A-Za-z0-9_-]`, at most 40 characters. @default a new one for each history */
  readonly epoch?: string | undefined;
}

/** Compacted once this much of the array is behind the head, so that dropping the oldest costs nothing each time. */
const COMPACT_AT = 1024;

/** So many of the newest, and so much of their JSON, keep what they were made of, for readers in this process. */
const FRESH_MESSAGES = 64;
const FRESH_BYTES = 65_536;

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
  readonly #watermarks = new Watermarks();
  readonly #shelf = new TextShelf();
  readonly #byTopic = new TopicIndex();
  /** The newest number of each key of `latest`: an older one that is evicted is no loss to anybody. */
  readonly #newest = new Map<string, number>();
  /** Numbered and not told to the listeners yet. */
  readonly #unannounced: Envelope[] = [];
  #announcing = false;
  /** Holes are those that were evicted: all before `#first`. */
  #envelopes: (Envelope | undefined)[] = [];
  #first = 0;
  /** Where those begin that have not settled, and their bytes. */
  #fresh = 0;
  #freshBytes = 0;
  #seq = 0;
  #bytes = 0;
  #evicted = 0;

  constructor(epoch: string, maxMessages: number, maxBytes: number) {
    this.epoch = epoch;
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
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
      this.#envelopes.push(envelope);
      this.#freshBytes += envelope.bytes;
      this.#settle();
      this.#byTopic.add(envelope);
      this.#bytes += envelope.bytes;
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
    const gaps = [...topics].filter((topic) => this.#watermarks.of(topic) > cursor.seq);
    return {
      verdict: gaps.length > 0 ? "gap" : "recovered",
      gaps,
      envelopes: conflate(this.#byTopic.after(topics, cursor.seq)),
      ...end,
    };
  }

  stats(): HistoryStats {
    return {
      messages: this.#envelopes.length - this.#first,
      bytes: this.#bytes,
      evicted: this.#evicted,
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#envelopes = [];
    this.#first = 0;
    this.#fresh = 0;
    this.#freshBytes = 0;
    this.#bytes = 0;
    this.#newest.clear();
    this.#byTopic.clear();
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

  /** Of older ones the JSON is kept. The newest of all is still to be told. */
  #settle(): void {
    const newest = this.#envelopes.length - 1;
    while (
      this.#fresh < newest &&
      (newest - this.#fresh >= FRESH_MESSAGES || this.#freshBytes > FRESH_BYTES)
    ) {
      const oldest = this.#envelopes[this.#fresh];
      if (oldest === undefined) break;
      this.#fresh += 1;
      this.#freshBytes -= oldest.bytes;
      oldest.settle?.(this.#shelf);
    }
  }

  #evict(): void {
    while (
      this.#envelopes.length - this.#first > this.#maxMessages ||
      this.#bytes > this.#maxBytes
    ) {
      const oldest = this.#envelopes[this.#first];
      if (oldest === undefined) break;
      this.#envelopes[this.#first] = undefined;
      this.#first += 1;
      this.#bytes -= oldest.bytes;
      if (this.#fresh < this.#first) {
        this.#fresh = this.#first;
        this.#freshBytes -= oldest.bytes;
      }
      this.#evicted += 1;
      // It is the oldest of all, so also of its topic.
      this.#byTopic.dropOldest(oldest.topic);
      this.#lose(oldest);
    }
    if (this.#first >= COMPACT_AT && this.#first * 2 >= this.#envelopes.length) {
      this.#envelopes = this.#envelopes.slice(this.#first);
      this.#fresh -= this.#first;
      this.#first = 0;
    }
  }

  #lose({ key, delivery, topic, seq }: Envelope): void {
    if (key !== undefined && delivery.class === "latest") {
      if (this.#newest.get(key) !== seq) return;
      this.#newest.delete(key);
    }
    this.#watermarks.raise(topic, seq);
  }
}
