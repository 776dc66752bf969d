import type { Buffer } from "node:buffer";
import { encodeCursor, type Delivery } from "../protocol/index.js";
import { SealedEnvelope } from "./envelope.js";
import { TextShelf } from "./text-shelf.js";
import { NOWHERE, type TopicLine } from "./topic-lines.js";
import type { Envelope } from "./types.js";

const FIRST_CAPACITY = 64;

/** So many of the newest, and so much of their JSON, keep what they were made of, for readers in this process. */
const FRESH_MESSAGES = 64;
const FRESH_BYTES = 65_536;

/**
 * The messages that a history keeps, in a ring of columns: of one that is no longer fresh there is no object left, but its
 * text on a shelf and a few numbers. Ten thousand objects that live for a while are what the garbage collector copies again
 * and again; a ring costs it nothing. A message that is replayed gets its envelope again, and keeps it.
 *
 * A place is counted from the first message ever kept, and grows like the numbers.
 */
export class KeptMessages {
  readonly #epoch: string;
  readonly #shelf = new TextShelf();
  /** A power of two, so that a place finds its slot by a mask. */
  #capacity = FIRST_CAPACITY;
  #seqs = new Float64Array(FIRST_CAPACITY);
  #bytes = new Float64Array(FIRST_CAPACITY);
  /** Where in its slab the text of each begins. */
  #starts = new Uint32Array(FIRST_CAPACITY);
  /** Where the message before it on the same topic stands. */
  #before = new Float64Array(FIRST_CAPACITY);
  #slabs = slots<Buffer | undefined>(FIRST_CAPACITY);
  #lines = slots<TopicLine | undefined>(FIRST_CAPACITY);
  #types = slots<string | undefined>(FIRST_CAPACITY);
  #deliveries = slots<Delivery<unknown> | undefined>(FIRST_CAPACITY);
  #keys = slots<string | undefined>(FIRST_CAPACITY);
  #envelopes = slots<Envelope | undefined>(FIRST_CAPACITY);
  #oldest = 0;
  #next = 0;
  /** Where those begin that have not settled, and their bytes. */
  #fresh = 0;
  #freshBytes = 0;
  #totalBytes = 0;

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  get count(): number {
    return this.#next - this.#oldest;
  }

  /** Of JSON text. */
  get bytes(): number {
    return this.#totalBytes;
  }

  /** The place of the oldest one; of the next one where there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The number of the oldest one; Infinity where there is none. */
  get oldestSeq(): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY;
    return this.#seqs[this.#oldest & (this.#capacity - 1)] ?? Number.POSITIVE_INFINITY;
  }

  add(envelope: Envelope, line: TopicLine): void {
    if (this.count === this.#capacity) this.#grow();
    const place = this.#next;
    const slot = place & (this.#capacity - 1);
    const { bytes } = envelope;
    this.#seqs[slot] = envelope.seq;
    this.#bytes[slot] = bytes;
    this.#before[slot] = line.newest;
    this.#lines[slot] = line;
    this.#types[slot] = envelope.type;
    this.#deliveries[slot] = envelope.delivery;
    if (envelope.key !== undefined) this.#keys[slot] = envelope.key;
    this.#envelopes[slot] = envelope;
    if (envelope instanceof SealedEnvelope) envelope.keepOn(this.#shelf);
    line.newest = place;
    this.#next = place + 1;
    this.#totalBytes += bytes;
    this.#freshBytes += bytes;
    this.#settle();
  }
  /** Lets go of the oldest, and tells what it was. */
  dropOldest(tell: (line: TopicLine, seq: number, latestKey: string | undefined) => void): void {
    const slot = this.#oldest & (this.#capacity - 1);
    const line = this.#lines[slot];
    const seq = this.#seqs[slot] ?? 0;
    const bytes = this.#bytes[slot] ?? 0;
    const key = this.#deliveries[slot]?.class === "latest" ? this.#keys[slot] : undefined;
    this.#keys[slot] = undefined;
    this.#slabs[slot] = undefined;
    this.#envelopes[slot] = undefined;
    if (this.#fresh === this.#oldest) {
      this.#fresh += 1;
      this.#freshBytes -= bytes;
    }
    this.#oldest += 1;
    this.#totalBytes -= bytes;
    if (line !== undefined) tell(line, seq, key);
  }

  /** Those of these lines with a number above `seq`, oldest first. */
  after(lines: Iterable<TopicLine>, seq: number): readonly Envelope[] {
    const places: number[] = [];
    let runs = 0;
    for (const { newest } of lines) {
      const mask = this.#capacity - 1;
      let place = newest;
      if (place >= this.#oldest) runs += 1;
      while (place >= this.#oldest && (this.#seqs[place & mask] ?? 0) > seq) {
        places.push(place);
        place = this.#before[place & mask] ?? NOWHERE;
      }
    }
    if (runs > 1) places.sort((a, b) => a - b);
    else places.reverse();
    return places.map((place) => this.#envelopeAt(place));
  }

  clear(): void {
    this.#oldest = this.#next;
    this.#fresh = this.#next;
    this.#freshBytes = 0;
    this.#totalBytes = 0;
    for (const column of this.#objectColumns()) column.fill(undefined);
  }

  /** A reader who comes back makes the envelope anew, and those who come after it share it. */
  #envelopeAt(place: number): Envelope {
    const slot = place & (this.#capacity - 1);
    const known = this.#envelopes[slot];
    if (known !== undefined) return known;
    const line = this.#lines[slot];
    const type = this.#types[slot];
    const delivery = this.#deliveries[slot];
    const slab = this.#slabs[slot];
    if (!line || !type || !delivery || !slab) throw new Error(`Nothing is kept at place ${place}.`);
    const seq = this.#seqs[slot] ?? 0;
    const id = encodeCursor(this.#epoch, seq);
    const head = { id, type, topic: line.topic };
    const text = { slab, start: this.#starts[slot] ?? 0, bytes: this.#bytes[slot] ?? 0 };
    const envelope = SealedEnvelope.kept(head, seq, delivery, this.#keys[slot], text);
    this.#envelopes[slot] = envelope;
    return envelope;
  }

  /** Of older ones the text is kept. The newest of all is still to be told. */
  #settle(): void {
    const newest = this.#next - 1;
    while (
      this.#fresh < newest &&
      (newest - this.#fresh >= FRESH_MESSAGES || this.#freshBytes > FRESH_BYTES)
    ) {
      const slot = this.#fresh & (this.#capacity - 1);
      const envelope = this.#envelopes[slot];
      this.#fresh += 1;
      this.#freshBytes -= this.#bytes[slot] ?? 0;
      // What a history of somebody else made stays as it is.
      if (!(envelope instanceof SealedEnvelope)) continue;
      const { slab, start } = envelope.settle(this.#shelf);
      this.#slabs[slot] = slab;
      this.#starts[slot] = start;
      this.#envelopes[slot] = undefined;
    }
  }

  /** The ring is as large as what was kept at most: a server that says little keeps little. */
  #grow(): void {
    const from = { capacity: this.#capacity, oldest: this.#oldest, next: this.#next };
    const capacity = from.capacity * 2;
    this.#seqs = regrown(this.#seqs, new Float64Array(capacity), from);
    this.#bytes = regrown(this.#bytes, new Float64Array(capacity), from);
    this.#starts = regrown(this.#starts, new Uint32Array(capacity), from);
    this.#before = regrown(this.#before, new Float64Array(capacity), from);
    this.#slabs = regrown(this.#slabs, slots(capacity), from);
    this.#lines = regrown(this.#lines, slots(capacity), from);
    this.#types = regrown(this.#types, slots(capacity), from);
    this.#deliveries = regrown(this.#deliveries, slots(capacity), from);
    this.#keys = regrown(this.#keys, slots(capacity), from);
    this.#envelopes = regrown(this.#envelopes, slots(capacity), from);
    this.#capacity = capacity;
  }

  #objectColumns(): readonly unknown[][] {
    return [this.#slabs, this.#lines, this.#types, this.#deliveries, this.#keys, this.#envelopes];
  }
}

function slots<T>(capacity: number): (T | undefined)[] {
  return Array.from({ length: capacity }, () => undefined);
}

/** The same messages in a larger column, each in the slot that its place has there. */
function regrown<Column extends { [slot: number]: unknown; readonly length: number }>(
  column: Column,
  larger: Column,
  {
    capacity,
    oldest,
    next,
  }: { readonly capacity: number; readonly oldest: number; readonly next: number },
): Column {
  for (let place = oldest; place < next; place += 1) {
    larger[place & (larger.length - 1)] = column[place & (capacity - 1)];
  }
  return larger;
}
