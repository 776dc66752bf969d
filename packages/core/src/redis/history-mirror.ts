import { Past } from "../bus/past.js";
import type { Adopt, BreakListener, Envelope } from "../bus/types.js";
import { encodeCursor, InkwireError, type Topic } from "../protocol/index.js";
import type { RedisBounds, RedisHead, Seen } from "./history-check.js";
import { parseEntry, type HistoryEntry, type RawEntry } from "./history-entry.js";
import type { LostMarks } from "./history-load.js";
import type { OwnMessage } from "./own-message.js";

export interface MirrorOptions {
  readonly epoch: string;
  readonly bounds: RedisBounds;
  readonly onProblem: (problem: unknown) => void;
}

/** So many types that nobody here knows are told about, each once. */
const MAX_TOLD_TYPES = 100;

/**
 * What this process knows of the history in Redis: all of it, in order, without a hole it does not know of. A message goes on to
 * the listeners when all before it have; one of our own needs no second look at what came back from Redis.
 */
export class HistoryMirror {
  readonly #bounds: RedisBounds;
  readonly #onProblem: (problem: unknown) => void;
  readonly #listeners = new Set<(envelope: Envelope) => void>();
  readonly #breakListeners: BreakListener[] = [];
  readonly #toldTypes = new Set<string>();
  /** What is on its way to Redis, or there and not read yet, by mark. */
  readonly #own = new Map<string, OwnMessage>();
  #adopt: Adopt = () => undefined;
  #past: Past;
  /** Of the newest entry that was read; "" where it was passed over. */
  #mark = "";
  /** The first entry after a hole that is still to be looked into. */
  #holeEnd = 0;
  #isLive = false;

  constructor({ epoch, bounds, onProblem }: MirrorOptions) {
    this.#bounds = bounds;
    this.#onProblem = onProblem;
    this.#past = new Past(epoch, bounds);
  }

  get past(): Past {
    return this.#past;
  }

  get seen(): Seen {
    return { epoch: this.#past.epoch, seq: this.#past.seq, mark: this.#mark };
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onBreak(listener: BreakListener): void {
    this.#breakListeners.push(listener);
  }

  /** Takes what was there before this process: nobody is told of it. */
  load(entries: readonly RawEntry[], head: RedisHead, marks: LostMarks, adopt: Adopt): void {
    this.#adopt = adopt;
    this.#lose(marks);
    for (const entry of entries) {
      const seq = parseEntry(entry)?.seq ?? 0;
      const isHole = this.#past.seq > 0 && seq > this.#past.seq + 1;
      if (isHole) this.#past.loseAny(seq - 1);
      if (seq > this.#past.seq + 1) this.#pass(seq - 1);
      this.#take(entry);
    }
    if (head.seq > this.#past.seq) this.#pass(head.seq);
    this.#isLive = true;
  }

  /** Takes what was read, in order. `false`: something before one of them is missing, and {@link look} has to say what became of it. */
  read(entries: readonly RawEntry[]): boolean {
    for (const entry of entries) {
      if (!this.#take(entry)) return false;
    }
    return true;
  }

  /** What is to be asked of Redis before {@link look}: whether it let go of something that was not read. */
  isBehind(head: RedisHead): boolean {
    return head.epoch === this.#past.epoch && head.oldestSeq > this.#past.seq + 1;
  }

  /** Follows Redis where it is not where the entries led to: to a new epoch, or over what is gone. */
  look(head: RedisHead, marks: LostMarks | undefined): void {
    const holeEnd = this.#holeEnd;
    this.#holeEnd = 0;
    if (head.epoch !== this.#past.epoch) {
      this.#past.clear();
      this.#past = new Past(head.epoch, this.#bounds);
      this.#mark = "";
      this.#break(undefined);
      return;
    }
    if (marks !== undefined) {
      const isAny = head.floor > this.#past.seq;
      this.#lose(marks);
      if (head.oldestSeq > this.#past.seq + 1) this.#pass(head.oldestSeq - 1);
      if (isAny || marks.topics.length > 0)
        this.#break(isAny ? undefined : new Set(marks.topics.map(([topic]) => topic)));
    } else if (holeEnd > this.#past.seq + 1) {
      // Not let go of for its age: somebody took it out, and whose it was, nobody can say.
      this.#past.loseAny(holeEnd - 1);
      this.#pass(holeEnd - 1);
      this.#break(undefined);
    }
    this.#past.dropThrough(head.oldestSeq - 1);
  }

  sent(own: OwnMessage, mark: string): void {
    own.mark = mark;
    this.#own.set(mark, own);
  }

  /** Redis has it: it goes on at once where it is the next one, and else when it is read. */
  appended(own: OwnMessage, place: { readonly epoch: string; readonly seq: number }): void {
    if (place.epoch === this.#past.epoch && place.seq === this.#past.seq + 1)
      this.#tellOwn(own, place.seq);
  }

  settled(own: OwnMessage): void {
    this.#own.delete(own.mark);
  }

  close(): void {
    for (const own of this.#own.values()) own.settle();
    this.#listeners.clear();
    this.#breakListeners.length = 0;
    this.#past.clear();
  }

  #take(raw: RawEntry): boolean {
    const entry = parseEntry(raw);
    if (entry === undefined) {
      // It has no place in the order: whether it hides something, the head of Redis says.
      this.#onProblem(damaged(raw[0].slice(0, 40), undefined));
      return false;
    }
    if (entry.seq <= this.#past.seq) return true;
    if (entry.seq > this.#past.seq + 1) {
      this.#holeEnd = entry.seq;
      return false;
    }
    const own = this.#own.get(entry.mark);
    if (own === undefined) this.#tell(entry);
    else this.#tellOwn(own, entry.seq);
    return true;
  }

  #tellOwn(own: OwnMessage, seq: number): void {
    const envelope = own.envelopeAt({ epoch: this.#past.epoch, seq });
    this.#past.add(envelope);
    this.#mark = own.mark;
    this.#announce(envelope);
    own.settle(envelope);
  }

  #tell(entry: HistoryEntry): void {
    const { seq, mark, topic, isEphemeral } = entry;
    const id = encodeCursor(this.#past.epoch, seq);
    let envelope: Envelope | undefined;
    let isDamaged = false;
    try {
      const message = entry.message(id);
      envelope = this.#adopt(message, seq);
      if (envelope === undefined) this.#unknown(message.type);
    } catch (error) {
      isDamaged = true;
      this.#onProblem(damaged(id, error));
    }
    this.#mark = mark;
    if (envelope !== undefined) {
      this.#past.add(envelope);
      this.#announce(envelope);
      return;
    }
    this.#past.skipThrough(seq);
    if (isEphemeral) return;
    if (topic === undefined) this.#past.loseAny(seq);
    else this.#past.lose(topic, seq);
    // Who is connected was owed it too. A type that only newer nodes know is no reason to send all away again and again.
    if (isDamaged) this.#break(topic === undefined ? undefined : new Set([topic]));
  }

  #announce(envelope: Envelope): void {
    if (!this.#isLive) return;
    for (const listener of this.#listeners) {
      try {
        listener(envelope);
      } catch (error) {
        this.#onProblem(error);
      }
    }
  }

  #break(topics: ReadonlySet<Topic> | undefined): void {
    if (!this.#isLive) return;
    for (const listener of this.#breakListeners) listener(topics);
  }

  #lose({ floor, topics }: LostMarks): void {
    if (floor > 0) this.#past.loseAny(floor);
    for (const [topic, seq] of topics) this.#past.lose(topic, seq);
  }

  #pass(seq: number): void {
    this.#past.skipThrough(seq);
    this.#mark = "";
  }

  #unknown(type: string): void {
    if (this.#toldTypes.has(type) || this.#toldTypes.size >= MAX_TOLD_TYPES) return;
    this.#toldTypes.add(type);
    this.#onProblem(
      new InkwireError(
        "record_newer",
        `Another node publishes messages of type ${JSON.stringify(type)}, which this one does not know: they are passed over here.`,
        { hint: "Run the same version on all nodes." },
      ),
    );
  }
}

function damaged(id: string, cause: unknown): InkwireError {
  return new InkwireError(
    "record_damaged",
    `The entry ${JSON.stringify(id)} of the history in Redis can't be read; it is passed over, and counts as lost.`,
    { cause },
  );
}
