import type { Buffer } from "node:buffer";
import type {
  Catalog,
  Cursor,
  Delivery,
  Message,
  MessageInput,
  MessageOf,
  MessageType,
  ResumeVerdict,
  Topic,
} from "../protocol/index.js";

/**
 * One message with its place in the order and its wire text. Everyone who delivers it shares this object, so the JSON
 * is made at most once, when it is first asked for.
 */
export interface Envelope {
  /** Deeply frozen. The same object for as long as it is fresh; one that history has kept for a while reads it from the JSON. */
  readonly message: Message;
  readonly id: Cursor;
  readonly type: string;
  readonly topic: Topic;
  readonly seq: number;
  readonly delivery: Delivery<unknown>;
  /** What `latest` and `append` conflate by: topic, type and the type's own key. `undefined` for other classes. */
  readonly key: string | undefined;
  /** The JSON text that every wire carries. */
  readonly json: string;
  /** Its size in bytes of UTF-8. */
  readonly bytes: number;
  /** Where transports keep the bytes they made of it, so that they are made once; the bus does not look at it. */
  wire?: object | undefined;
  /**
   * Its JSON between two texts of ASCII, as bytes that the history keeps instead of a copy of its own; so a message that goes
   * out is written once. `undefined` where nobody keeps it or its text lies somewhere already.
   */
  frame?(before: string, after: string): Buffer | undefined;
}

/** A message before the history has numbered it. */
export type Draft = Omit<Message, "id">;

export interface Replay {
  readonly verdict: ResumeVerdict;
  /** Topics, of those asked for, of which something after the cursor is gone. */
  readonly gaps: readonly Topic[];
  /** What history still has after the cursor, oldest first, conflated by class. */
  readonly envelopes: readonly Envelope[];
  /** The head at the moment of reading: live delivery goes on after it. */
  readonly head: Cursor;
  readonly headSeq: number;
}

/**
 * The bounded, ordered past, and the one source of numbers: one total order over all topics. The memory history answers
 * at once; one behind a network may take its time.
 */
export interface History {
  /** The present one: a history that others keep may lose it, and begin anew. */
  readonly epoch: string;
  head(): Cursor;
  /**
   * Numbers and stores a message. `seal` makes the envelope once the number is known; the message's `id` is a cursor as
   * `encodeCursor` writes it, since it stands in JSON and in SSE as it is. A history that answers at once gives
   * the envelope itself: a promise for each message would cost as much as the message.
   */
  append(draft: Draft, seal: Seal): Envelope | Promise<Envelope>;
  /**
   * Calls `listener` for each appended message in order, whoever appended it; gives back how to stop. What a listener
   * appends is told after all listeners had the current message.
   */
  listen(listener: (envelope: Envelope) => void): () => void;
  /** What a reader of `topics` that has everything up to `after` is still owed. Without `after`: nothing, `fresh`. */
  replay(topics: ReadonlySet<Topic>, after: Cursor | undefined): Promise<Replay>;
  /**
   * Called once by the bus, after its first `listen`: how to make the envelope of what another process published. A history of
   * one process has no use for it.
   */
  start?(adopt: Adopt): void;
  /** Calls `listener` when live readers have missed something. A history of one process loses nothing while it lives. */
  onBreak?(listener: BreakListener): void;
  stats(): HistoryStats;
  close(): Promise<void>;
}

/**
 * Makes the envelope of a message that another process published; `undefined` for a type that this one does not know.
 *
 * @throws InkwireError `invalid_message` when the type's own functions fail on it.
 */
export type Adopt = (message: Message, seq: number) => Envelope | undefined;

/**
 * Told that readers have missed something that will not come any more, before any message after it: of these topics, or of
 * any. They have to ask again from their cursor, and are then told what of theirs is gone.
 */
export type BreakListener = (topics: ReadonlySet<Topic> | undefined) => void;

/** Makes the envelope of a message once its number is known. */
export type Seal = (message: Message, seq: number) => Envelope;

/** What a history holds now, in messages and bytes of UTF-8, and how many messages it has dropped. */
export interface HistoryStats {
  readonly messages: number;
  readonly bytes: number;
  readonly evicted: number;
}

/** What a reader was told when it began. */
export interface Resume {
  readonly verdict: ResumeVerdict;
  readonly gaps: readonly Topic[];
  readonly replayed: number;
  readonly head: Cursor;
}

export interface SubscribeOptions {
  /** Replay what came after this cursor, then go live, nothing lost or doubled at the seam. @default only what is new */
  readonly after?: Cursor | undefined;
  /** Ends the subscription without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How far the reader may fall behind, in bytes of JSON text. @default 1_048_576 */
  readonly maxOutboxBytes?: number | undefined;
}

/**
 * Messages of some topics, oldest first. It counts from the moment `subscribe` returns, also before the first `next`.
 * The iterator throws `slow_consumer` once the outbox is full of what may not be dropped, and `history_lost` when something was
 * missed because the history behind it lost it; in both cases subscribe again with the cursor. It ends at once when the
 * subscription is closed or its signal aborts, and after what is queued when the bus closes. Of several iterators or
 * waiting reads, each gets messages of its own.
 */
export interface Subscription<M extends Message = Message>
  extends AsyncIterable<M>, AsyncDisposable {
  readonly resumed: Promise<Resume>;
  close(): void;
}

/** What a bus counts: open subscriptions, messages published since it was made. */
export interface BusStats {
  readonly subscriptions: number;
  readonly published: number;
  readonly history: HistoryStats;
}

/** A place in the topics' lists: what is published on them is handed over at once, in order. */
export interface Attachment {
  readonly topics: ReadonlySet<Topic>;
  add(topics: Iterable<Topic>): void;
  remove(topics: Iterable<Topic>): void;
  /** Ends it. A second call does nothing. */
  close(): void;
}

/** Takes messages as they are published. It must neither wait nor throw. */
export interface Receiver {
  deliver(envelope: Envelope): void;
}

/** What transports build on: live messages by callback, the past by cursor. They join the two at the seam themselves. */
export interface Attachable {
  head(): Cursor;
  /**
   * Calls `deliver` with each message of these topics from now on, a function or what has one. What it throws is swallowed,
   * since it may harm no other reader. An object is attached once at a time.
   */
  attach(topics: Iterable<Topic>, deliver: Receiver["deliver"] | Receiver): Attachment;
  /** What a reader of `topics` that has everything up to `after` is still owed. */
  replay(topics: Iterable<Topic>, after: Cursor | undefined): Promise<Replay>;
  /** Calls `listener` when attached readers have missed something; see {@link BreakListener}. */
  onBreak?(listener: BreakListener): void;
}

/** Publishes messages: validates, numbers, keeps history, fans out. It knows no transport and awaits no reader. */
export interface Bus<C extends Catalog> extends Attachable, AsyncDisposable {
  readonly epoch: string;
  /** The cursor of the newest message. */
  head(): Cursor;
  /**
   * Publishes one message and gives it back, deeply frozen, with its cursor. Its `data` is a copy of the schema's output.
   *
   * @throws InkwireError `invalid_message` for a type outside the catalog or reserved, a bad topic, or data that does not
   *   fit the schema, is not plain JSON (a Date, NaN), or is over the size bound; `closed` after `close()`.
   */
  publish<T extends MessageType<C>>(
    topic: Topic,
    type: T,
    data: MessageInput<C, T>,
  ): Promise<MessageOf<C, T>>;
  subscribe(topics: readonly Topic[], options?: SubscribeOptions): Subscription<MessageOf<C>>;
  stats(): BusStats;
  close(): Promise<void>;
}
