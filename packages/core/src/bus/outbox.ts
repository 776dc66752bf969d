import { mergeEnvelopes } from "./envelope.js";
import type { Envelope } from "./types.js";

export interface OutboxOptions {
  /** Of JSON text. */
  readonly maxBytes: number;
  /**
   * Whether a replay is still to come: nothing is conflated before {@link Outbox.dropThrough}, since a text merged over
   * the end of the replay would repeat what the replay says. @default false
   */
  readonly awaitsReplay?: boolean;
}

export interface OutboxStats {
  readonly queuedBytes: number;
  /** Messages that a newer one of their key replaced, or that were merged into one. */
  readonly conflated: number;
  /** Ephemeral messages that were dropped. */
  readonly shed: number;
}

/**
 * The queue between the bus and one slow reader, bounded in bytes. While the reader keeps up it is a plain list; once it
 * is half full the delivery classes are applied: `latest` keeps the first and the newest of a key, `append` merges
 * neighbours, and when it is full `ephemeral` is dropped. What comes out always has growing numbers.
 */
export interface Outbox {
  /**
   * `false` when the message may not be dropped and there is no room: the reader is too slow, and resumes from history.
   * A message is always taken when nothing else waits: one over the bound would else be refused on each resume again.
   */
  push(envelope: Envelope): boolean;
  /** Takes what waits, oldest first: as many as fit into `maxBytes`, at least one if there is any. */
  take(maxBytes?: number): readonly Envelope[];
  /** Drops what a replay has already given: everything up to this number. From then on classes are applied. */
  dropThrough(seq: number): void;
  clear(): void;
  readonly isEmpty: boolean;
  stats(): OutboxStats;
}

export function createOutbox(options: OutboxOptions): Outbox {
  return new ByteBoundedOutbox(options.maxBytes, options.awaitsReplay ?? false);
}

interface KeyPlace {
  /** Where the newest of the key stands, counted from the first message ever queued. */
  at: number;
  isFirst: boolean;
}

class ByteBoundedOutbox implements Outbox {
  readonly #maxBytes: number;
  /** Holes are messages that were conflated away. */
  #queue: (Envelope | undefined)[] = [];
  #start = 0;
  /** How many places were taken out of the front so far: a key's place minus this is its index. */
  #offset = 0;
  /** The newest of each key of `latest`; only while the reader is behind. */
  #keys: Map<string, KeyPlace> | undefined;
  #bytes = 0;
  /** Places that are no holes; kept while the reader is behind. */
  #waiting = 0;
  #conflated = 0;
  #shed = 0;
  #awaitsReplay: boolean;

  constructor(maxBytes: number, awaitsReplay: boolean) {
    this.#maxBytes = maxBytes;
    this.#awaitsReplay = awaitsReplay;
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  push(envelope: Envelope): boolean {
    const bytes = this.#bytes + envelope.bytes;
    const bound = this.#awaitsReplay ? this.#maxBytes : this.#maxBytes / 2;
    if (this.isEmpty || (this.#keys === undefined && bytes <= bound)) {
      this.#queue.push(envelope);
      this.#bytes = bytes;
      return true;
    }
    if (this.#awaitsReplay) {
      if (envelope.delivery.class !== "ephemeral") return false;
      this.#shed += 1;
      return true;
    }
    if (this.#keys === undefined) this.#startConflating();
    return this.#place(envelope);
  }

  take(maxBytes = Number.POSITIVE_INFINITY): readonly Envelope[] {
    if (this.#keys === undefined && this.#bytes <= maxBytes && this.#start === 0) {
      // The common case: the reader keeps up and takes the whole list as it is. Without keys there are no holes.
      const all = this.#queue as Envelope[];
      this.#reset();
      return all;
    }
    const taken: Envelope[] = [];
    let bytes = 0;
    while (this.#start < this.#queue.length && (taken.length === 0 || bytes < maxBytes)) {
      const envelope = this.#queue[this.#start];
      this.#queue[this.#start] = undefined;
      this.#start += 1;
      if (envelope === undefined) continue;
      bytes += envelope.bytes;
      this.#waiting -= 1;
      this.#forgetKey(envelope, this.#offset + this.#start - 1);
      taken.push(envelope);
    }
    this.#bytes -= bytes;
    if (this.#bytes === 0) this.#reset();
    else this.#compact();
    return taken;
  }

  dropThrough(seq: number): void {
    const kept = this.#queue
      .slice(this.#start)
      .filter((envelope) => envelope !== undefined)
      .filter((envelope) => envelope.seq > seq);
    this.#reset();
    this.#awaitsReplay = false;
    for (const envelope of kept) this.push(envelope);
  }

  clear(): void {
    this.#reset();
  }

  stats(): OutboxStats {
    return { queuedBytes: this.#bytes, conflated: this.#conflated, shed: this.#shed };
  }

  #startConflating(): void {
    const waiting = this.#queue.slice(this.#start);
    this.#reset();
    this.#keys = new Map();
    for (const envelope of waiting) if (envelope !== undefined) this.#place(envelope);
  }

  #place(envelope: Envelope): boolean {
    const { index: replaced, next } = this.#replaceable(envelope);
    const older = replaced === undefined ? undefined : this.#queue[replaced];
    const room = this.#maxBytes - this.#bytes + (older?.bytes ?? 0);
    const fits = next.bytes <= room || this.isEmpty;
    if (!fits && envelope.delivery.class === "ephemeral") {
      this.#shed += 1;
      return true;
    }
    if (!fits && !this.#shedEphemeral(next.bytes - room)) return false;
    if (older !== undefined && replaced !== undefined) {
      this.#queue[replaced] = undefined;
      this.#bytes -= older.bytes;
      this.#waiting -= 1;
      this.#conflated += 1;
    }
    if (next.key !== undefined && next.delivery.class === "latest") {
      this.#keys?.set(next.key, {
        at: this.#offset + this.#queue.length,
        isFirst: !this.#keys.has(next.key),
      });
    }
    this.#queue.push(next);
    this.#bytes += next.bytes;
    this.#waiting += 1;
    if (replaced !== undefined) this.#joinAround(replaced);
    this.#compact();
    return true;
  }

  /** What stood on both sides of a hole are neighbours now. */
  #joinAround(hole: number): void {
    let before = hole - 1;
    let after = hole + 1;
    while (before >= this.#start && this.#queue[before] === undefined) before -= 1;
    while (after < this.#queue.length && this.#queue[after] === undefined) after += 1;
    const [older, newer] = [this.#queue[before], this.#queue[after]];
    const merged =
      older && newer && before >= this.#start ? mergeEnvelopes(older, newer) : undefined;
    if (older === undefined || newer === undefined || merged === undefined) return;
    this.#queue[before] = undefined;
    this.#queue[after] = merged;
    this.#bytes += merged.bytes - older.bytes - newer.bytes;
    this.#waiting -= 1;
    this.#conflated += 1;
  }

  /** What is queued for this message, and the index of the one that it makes needless: the newest of its key, or the neighbour it continues. */
  #replaceable(envelope: Envelope): {
    readonly index: number | undefined;
    readonly next: Envelope;
  } {
    if (envelope.key !== undefined && envelope.delivery.class === "latest") {
      const known = this.#keys?.get(envelope.key);
      return {
        index: known === undefined || known.isFirst ? undefined : known.at - this.#offset,
        next: envelope,
      };
    }
    // Only neighbours merge: text moved past another message would be skipped by a cursor between the two.
    const last = this.#queue.length - 1;
    const tail = last >= this.#start ? this.#queue[last] : undefined;
    const merged = tail === undefined ? undefined : mergeEnvelopes(tail, envelope);
    return merged === undefined
      ? { index: undefined, next: envelope }
      : { index: last, next: merged };
  }

  /** Drops waiting ephemeral messages, oldest first, until `needed` bytes are free. */
  #shedEphemeral(needed: number): boolean {
    let freed = 0;
    for (let index = this.#start; index < this.#queue.length && freed < needed; index += 1) {
      const envelope = this.#queue[index];
      if (envelope?.delivery.class !== "ephemeral") continue;
      this.#queue[index] = undefined;
      freed += envelope.bytes;
      this.#bytes -= envelope.bytes;
      this.#waiting -= 1;
      this.#shed += 1;
    }
    return freed >= needed;
  }

  #forgetKey({ key }: Envelope, at: number): void {
    if (key === undefined || this.#keys === undefined) return;
    if (this.#keys.get(key)?.at === at) this.#keys.delete(key);
  }

  /** Closes the holes once they are most of the list, so that a reader that is far behind stays within its bound. */
  #compact(): void {
    if (
      this.#keys === undefined ||
      this.#queue.length < 256 ||
      this.#waiting * 2 > this.#queue.length
    )
      return;
    const waiting = this.#queue.slice(this.#start);
    const places = new Map<number, number>();
    const dense: Envelope[] = [];
    for (const [index, envelope] of waiting.entries()) {
      if (envelope === undefined) continue;
      places.set(this.#offset + this.#start + index, dense.length);
      dense.push(envelope);
    }
    for (const place of this.#keys.values()) place.at = places.get(place.at) ?? -1;
    this.#queue = dense;
    this.#start = 0;
    this.#offset = 0;
  }

  #reset(): void {
    this.#queue = [];
    this.#start = 0;
    this.#offset = 0;
    this.#keys = undefined;
    this.#bytes = 0;
    this.#waiting = 0;
  }
}
