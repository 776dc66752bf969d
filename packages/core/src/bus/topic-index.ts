import type { Topic } from "../protocol/index.js";
import type { Envelope } from "./types.js";

/** A list is cut once this much of it is behind its first, so that dropping the oldest costs nothing each time. */
const COMPACT_AT = 16;

interface Line {
  /** Holes are those that were dropped: all before `first`. */
  envelopes: (Envelope | undefined)[];
  first: number;
}

/**
 * What a history keeps, by topic: a reader who comes back pays for what it is owed, and not for what all the others
 * were sent meanwhile. Envelopes are added and dropped in the order of their numbers.
 */
export class TopicIndex {
  readonly #lines = new Map<Topic, Line>();

  add(envelope: Envelope): void {
    const { topic } = envelope;
    const line = this.#lines.get(topic);
    if (line === undefined) this.#lines.set(topic, { envelopes: [envelope], first: 0 });
    else line.envelopes.push(envelope);
  }

  /** Drops the oldest of this topic. */
  dropOldest(topic: Topic): void {
    const line = this.#lines.get(topic);
    if (line === undefined) return;
    line.envelopes[line.first] = undefined;
    line.first += 1;
    if (line.first === line.envelopes.length) this.#lines.delete(topic);
    else if (line.first >= COMPACT_AT && line.first * 2 >= line.envelopes.length) {
      line.envelopes = line.envelopes.slice(line.first);
      line.first = 0;
    }
  }

  /** Those of these topics with a number above `seq`, oldest first. */
  after(topics: Iterable<Topic>, seq: number): readonly Envelope[] {
    const found: (readonly Envelope[])[] = [];
    for (const topic of topics) {
      const line = this.#lines.get(topic);
      if (line === undefined || (line.envelopes.at(-1)?.seq ?? 0) <= seq) continue;
      // There are no holes from `first` on.
      found.push(line.envelopes.slice(placeAfter(line, seq)) as Envelope[]);
    }
    const [only] = found;
    if (found.length <= 1) return only ?? [];
    // A few runs that grow already: what the engine's sort is good at.
    return found.flat().sort((a, b) => a.seq - b.seq);
  }

  clear(): void {
    this.#lines.clear();
  }
}

/** Numbers grow, so the place is found by halving. */
function placeAfter({ envelopes, first }: Line, seq: number): number {
  let low = first;
  let high = envelopes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((envelopes[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
