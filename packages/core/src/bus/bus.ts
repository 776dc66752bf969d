import {
  describeIssues,
  InkwireError,
  isTopic,
  RESERVED_PREFIX,
  type Catalog,
  type Cursor,
  type Delivery,
  type Message,
  type MessageDefinition,
  type MessageInput,
  type MessageOf,
  type MessageType,
  type SchemaResult,
  type Topic,
} from "../protocol/index.js";
import { makesPlainData } from "../protocol/shapes.js";
import { keyOf, messageJson, SealedEnvelope } from "./envelope.js";
import { createMemoryHistory } from "./memory-history.js";
import { freezePlain, thawedCopy } from "./plain-data.js";
import { createSubscription, type EndableSubscription } from "./subscription.js";
import { TopicTable } from "./topic-table.js";
import type {
  Attachment,
  BreakListener,
  Bus,
  BusStats,
  Draft,
  Envelope,
  History,
  Receiver,
  Replay,
  SubscribeOptions,
  Subscription,
} from "./types.js";

export interface BusOptions<C extends Catalog> {
  /** From `defineMessages`. */
  readonly messages: C;
  /** @default a memory history with its own defaults */
  readonly history?: History | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Of one message's JSON text; what is larger is refused. At least 256. @default 262_144 */
  readonly maxMessageBytes?: number | undefined;
}

/** @throws InkwireError `invalid_option` */
export function createBus<const C extends Catalog>(options: BusOptions<C>): Bus<C> {
  const maxMessageBytes = options.maxMessageBytes ?? 262_144;
  if (!Number.isSafeInteger(maxMessageBytes) || maxMessageBytes < 256) {
    throw new InkwireError(
      "invalid_option",
      `Expected maxMessageBytes to be a whole number >= 256, got ${maxMessageBytes}`,
    );
  }
  return new MessageBus(
    options.messages,
    options.history ?? createMemoryHistory(),
    options.now ?? Date.now,
    maxMessageBytes,
  );
}

/** What is asked of a type with each message. */
interface KnownType {
  readonly definition: MessageDefinition;
  readonly json: string;
  /** Its schema gives plain data of its own. */
  readonly isPlain: boolean;
}

class MessageBus<C extends Catalog> implements Bus<C> {
  readonly #types: ReadonlyMap<string, KnownType>;
  readonly #history: History;
  readonly #now: () => number;
  readonly #maxMessageBytes: number;
  readonly #table = new TopicTable();
  readonly #subscriptions = new Set<EndableSubscription>();
  readonly #breakListeners: BreakListener[] = [];
  #published = 0;
  #closed = false;
  #timeMs = Number.NaN;
  #timeText = "";

  constructor(messages: C, history: History, now: () => number, maxMessageBytes: number) {
    this.#types = new Map(
      Object.entries(messages).map(([type, definition]) => [
        type,
        { definition, json: JSON.stringify(type), isPlain: makesPlainData(definition.schema) },
      ]),
    );
    this.#history = history;
    this.#now = now;
    this.#maxMessageBytes = maxMessageBytes;
    history.listen((envelope) => this.#table.deliver(envelope));
    history.onBreak?.((topics) => this.#break(topics));
    history.start?.((message, seq) => this.#adopt(message, seq));
  }

  get epoch(): string {
    return this.#history.epoch;
  }

  head(): Cursor {
    return this.#history.head();
  }

  publish<T extends MessageType<C>>(
    topic: Topic,
    type: T,
    data: MessageInput<C, T>,
  ): Promise<MessageOf<C, T>> {
    try {
      // The catalog's schema has made `data` what the type says.
      const published = this.#publish(topic, type, data) as
        | MessageOf<C, T>
        | Promise<MessageOf<C, T>>;
      return Promise.resolve(published);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A promise only where the history gives one. */
  #publish(topic: Topic, type: MessageType<C>, data: unknown): Message | Promise<Message> {
    if (this.#closed) throw new InkwireError("closed", "The bus is closed.");
    const known = this.#typeOf(type);
    if (!isTopic(topic))
      throw new InkwireError(
        "invalid_message",
        `Expected a topic such as "all" or "user/42", got ${short(topic)}`,
      );
    const fresh = validated(type, known, data);
    const dataJson = jsonOf(type, fresh);
    const draft: Draft = { type, topic, time: this.#time(), data: freezePlain(fresh) };
    const appended = this.#history.append(draft, (message, seq) =>
      this.#seal(
        message,
        seq,
        known.definition.delivery,
        messageJson(message, known.json, dataJson),
      ),
    );
    if (appended instanceof Promise) return appended.then((envelope) => this.#counted(envelope));
    return this.#counted(appended);
  }

  #counted({ message }: Envelope): Message {
    this.#published += 1;
    return message;
  }

  subscribe(topics: readonly Topic[], options: SubscribeOptions = {}): Subscription<MessageOf<C>> {
    if (this.#closed) throw new InkwireError("closed", "The bus is closed.");
    const bad = topics.find((topic) => !isTopic(topic));
    if (bad !== undefined)
      throw new InkwireError(
        "invalid_option",
        `Expected topics such as "all" or "user/42", got ${short(bad)}`,
      );
    const bound = options.maxOutboxBytes;
    if (bound !== undefined && !(bound >= 1024)) {
      throw new InkwireError(
        "invalid_option",
        `Expected maxOutboxBytes to be a number >= 1024, got ${bound}`,
      );
    }
    const subscription = createSubscription(this, topics, options, (ended) =>
      this.#subscriptions.delete(ended),
    );
    if (options.signal?.aborted !== true) this.#subscriptions.add(subscription);
    return subscription;
  }

  attach(topics: Iterable<Topic>, deliver: Receiver["deliver"] | Receiver): Attachment {
    if (this.#closed) throw new InkwireError("closed", "The bus is closed.");
    // Of thousands of readers each has an object anyway, and a function would be two more to look at with each message.
    return this.#table.attach(topics, typeof deliver === "function" ? { deliver } : deliver);
  }

  replay(topics: Iterable<Topic>, after: Cursor | undefined): Promise<Replay> {
    return this.#history.replay(new Set(topics), after);
  }

  onBreak(listener: BreakListener): void {
    this.#breakListeners.push(listener);
  }

  stats(): BusStats {
    return {
      subscriptions: this.#table.size,
      published: this.#published,
      history: this.#history.stats(),
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.end();
    await this.#history.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Many messages are of the same millisecond, and writing it costs as much as the rest of a small one. */
  #time(): string {
    const nowMs = this.#now();
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#timeText = new Date(nowMs).toISOString();
    }
    return this.#timeText;
  }

  #typeOf(type: string): KnownType {
    const known = this.#types.get(type);
    if (known !== undefined && !type.startsWith(RESERVED_PREFIX)) return known;
    throw new InkwireError(
      "invalid_message",
      `Expected a message type of the catalog, got ${short(type)}`,
    );
  }

  #break(topics: ReadonlySet<Topic> | undefined): void {
    for (const subscription of this.#subscriptions) subscription.missed(topics);
    for (const listener of this.#breakListeners) listener(topics);
  }

  /** Its size was looked at where it was published. */
  #adopt(message: Message, seq: number): Envelope | undefined {
    const known = this.#types.get(message.type);
    if (known === undefined || message.type.startsWith(RESERVED_PREFIX)) return undefined;
    const { delivery } = known.definition;
    return new SealedEnvelope(message, seq, delivery, keyOf(message, delivery));
  }

  /** Looks whether it fits: what throws here has taken no number. */
  #seal(message: Message, seq: number, delivery: Delivery<unknown>, json: string): Envelope {
    const key = keyOf(message, delivery);
    const envelope = new SealedEnvelope(message, seq, delivery, key, json);
    const { bytes } = envelope;
    if (bytes > this.#maxMessageBytes) {
      throw new InkwireError(
        "invalid_message",
        `Expected a message of at most ${this.#maxMessageBytes} bytes, "${message.type}" has ${bytes}`,
      );
    }
    return envelope;
  }
}

function validated(type: string, { definition, isPlain }: KnownType, data: unknown): unknown {
  let result: SchemaResult<unknown> | Promise<SchemaResult<unknown>>;
  try {
    result = definition.schema["~standard"].validate(data);
  } catch (cause) {
    throw new InkwireError("invalid_message", `The schema of "${type}" threw.`, { cause });
  }
  if ("then" in result) {
    // Numbers are given in the order of publishing, so nothing may be waited for in between.
    Promise.resolve(result).catch(() => {});
    throw new InkwireError(
      "invalid_message",
      `The schema of "${type}" must validate synchronously.`,
    );
  }
  if (result.issues !== undefined)
    throw new InkwireError(
      "invalid_message",
      `"${type}" does not fit: ${describeIssues(result.issues)}`,
    );
  if (isPlain) return result.value;
  try {
    return thawedCopy(result.value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it can't be read";
    throw new InkwireError("invalid_message", `"${type}" does not fit: ${why}`, { cause });
  }
}

/** Written once, before the data is frozen. */
function jsonOf(type: string, data: unknown): string {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    throw new InkwireError("invalid_message", `The data of "${type}" can't be written as JSON.`, {
      cause,
    });
  }
}

function short(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 80));
}
