import { encodeCursor, InkwireError, isEpoch, type Cursor, type Topic } from "../protocol/index.js";
import { newEpoch } from "./epoch.js";
import { checkBounds, Past } from "./past.js";
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
  checkBounds({ maxMessages, maxBytes });
  if (!isEpoch(epoch))
    throw new InkwireError(
      "invalid_option",
      "Expected epoch to be 1 to 40 characters of A-Z a-z 0-9 _ -",
    );
  return new MemoryHistory(new Past(epoch, { maxMessages, maxBytes }));
}

class MemoryHistory implements History {
  readonly epoch: string;
  readonly #past: Past;
  readonly #listeners = new Set<(envelope: Envelope) => void>();
  /** Numbered and not told to the listeners yet. */
  readonly #unannounced: Envelope[] = [];
  #announcing = false;

  constructor(past: Past) {
    this.#past = past;
    this.epoch = past.epoch;
  }

  head(): Cursor {
    return this.#past.head();
  }

  append({ type, topic, time, data }: Draft, seal: Seal): Envelope {
    const seq = this.#past.seq + 1;
    const id = encodeCursor(this.epoch, seq);
    const envelope = seal(Object.freeze({ id, type, topic, time, data }), seq);
    this.#past.add(envelope);
    this.#announce(envelope);
    return envelope;
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async replay(topics: ReadonlySet<Topic>, after: Cursor | undefined): Promise<Replay> {
    return this.#past.replay(topics, after);
  }

  stats(): HistoryStats {
    return this.#past.stats();
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#past.clear();
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
}
