import type { Redis } from "ioredis";
import { newEpoch } from "../bus/epoch.js";
import { InkwireError } from "../protocol/index.js";
import { checkHead, type RedisBounds, type Seen } from "./history-check.js";
import { scriptKeys, type HistoryKeys } from "./history-keys.js";
import { appendScript } from "./history-scripts.js";
import { RedisLink } from "./link.js";
import { doingInRedis, isRefusedHere, toRedisError } from "./redis-errors.js";

/** What one step appends, at most. */
const MAX_BATCH_MESSAGES = 128;
const MAX_BATCH_CHARS = 262_144;

/** What may wait for Redis in this process; what is published beyond is refused at once. */
const MAX_WAITING_MESSAGES = 20_000;
const MAX_WAITING_CHARS = 64 * 1024 * 1024;

/** A batch that is sent late is given this long at least, in milliseconds. */
const MIN_BATCH_MS = 1_000;

/** One message on its way to Redis. */
export interface Outgoing {
  /** Topic, class, key and JSON. */
  readonly fields: readonly string[];
  /** When it is given up, by `now`. */
  readonly deadline: number;
  /** It is in Redis, with this number. */
  appended(epoch: string, seq: number): void;
  failed(error: InkwireError): void;
}

interface Batch {
  readonly number: number;
  readonly items: readonly Outgoing[];
  readonly deadline: number;
}

export interface HistoryWriterOptions {
  readonly redis: Redis;
  readonly keys: HistoryKeys;
  readonly bounds: RedisBounds;
  /** Of no other process. */
  readonly publisherId: string;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  readonly seen: () => Seen;
  readonly onProblem: (problem: unknown) => void;
  /** A batch is about to be sent: each of its messages will bear this mark, and its place in it. */
  readonly onSend: (mark: string, items: readonly Outgoing[]) => void;
}

/**
 * Appends messages in the order they are given, a batch at a time: what comes while one is under way goes with the next, in one
 * step of Redis. A batch whose answer is lost is sent again, with its number, and Redis appends it once.
 */
export class HistoryWriter {
  readonly #options: HistoryWriterOptions;
  readonly #link: RedisLink;
  readonly #waiting: Outgoing[] = [];
  #waitingChars = 0;
  #underWay: Batch | undefined;
  #batches = 0;
  /** Whether this connection leads to the past that this process knows. */
  #isChecked = false;
  /** Why the batch that is under way was refused when it was last sent. */
  #refusal: unknown;
  /** What to add to our clock to have that of Redis, in milliseconds. */
  #clockMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(options: HistoryWriterOptions) {
    this.#options = options;
    const { redis, onProblem } = options;
    this.#link = new RedisLink({ redis, onProblem, onReady: () => void this.#check() });
  }

  /** How many are on their way. */
  get count(): number {
    return this.#waiting.length + (this.#underWay?.items.length ?? 0);
  }

  /**
   * The newest number in Redis; `undefined` where it has no history now.
   *
   * @throws InkwireError `storage_failed`
   */
  async head(): Promise<{ readonly epoch: string; readonly seq: number } | undefined> {
    const { state } = this.#options.keys;
    const [epoch, seq] = await doingInRedis("read the head of the history", () =>
      this.#link.ask((redis) => redis.hmget(state, "epoch", "seq"), 3_000),
    );
    return typeof epoch === "string" ? { epoch, seq: Number(seq) } : undefined;
  }

  push(item: Outgoing): void {
    const chars = item.fields[3]?.length ?? 0;
    if (this.#isClosed) throw new InkwireError("closed", "The history is closed.");
    if (
      this.#waiting.length >= MAX_WAITING_MESSAGES ||
      this.#waitingChars + chars > MAX_WAITING_CHARS
    ) {
      throw new InkwireError("storage_failed", "Too much waits for Redis already.", {
        retryable: true,
        hint: "It is slow or away: publish again later. Nothing was stored.",
      });
    }
    this.#waiting.push(item);
    this.#waitingChars += chars;
    // What is published in one turn goes together.
    if (this.#waiting.length === 1) queueMicrotask(() => this.#send());
    this.#watch();
  }

  /** Lets what is under way come to its end, then closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.count > 0) {
      this.#idle = Promise.withResolvers();
      await this.#idle.promise;
    }
    clearTimeout(this.#timer);
    this.#link.close();
  }

  async #check(): Promise<void> {
    this.#isChecked = false;
    const { keys, bounds, now, seen, onProblem } = this.#options;
    try {
      // Which server it is, the reader finds out: it is strict enough for both.
      const head = await this.#link.ask(
        (redis) => checkHead(redis, { keys, bounds, seen: seen(), isOther: false }),
        3_000,
      );
      this.#clockMs = head.nowMs - now();
      this.#isChecked = true;
    } catch (error) {
      onProblem(error);
      // A connection that broke comes back by itself, also for a server that is not the one; one that only refused is asked again.
      if (this.#link.isReady && !isRefusedHere(error))
        setTimeout(() => this.#link.reconnect(), 200);
      return;
    }
    if (this.#underWay === undefined) this.#send();
    else this.#transmit(this.#underWay);
  }

  #send(): void {
    if (this.#underWay !== undefined || !this.#isChecked || this.#waiting.length === 0) return;
    let chars = 0;
    let count = 0;
    while (count < this.#waiting.length && count < MAX_BATCH_MESSAGES) {
      chars += this.#waiting[count]?.fields[3]?.length ?? 0;
      if (count > 0 && chars > MAX_BATCH_CHARS) break;
      count += 1;
    }
    const items = this.#waiting.splice(0, count);
    for (const { fields } of items) this.#waitingChars -= fields[3]?.length ?? 0;
    const deadline = Math.max(items[0]?.deadline ?? 0, this.#options.now() + MIN_BATCH_MS);
    this.#batches += 1;
    const batch = { number: this.#batches, items, deadline };
    this.#underWay = batch;
    this.#options.onSend(this.#markOf(batch), items);
    this.#transmit(batch);
  }

  #transmit(batch: Batch): void {
    const { keys, bounds, publisherId, now, seen } = this.#options;
    const { epoch, seq } = seen();
    this.#refusal = undefined;
    const args = [
      batch.number,
      newEpoch(),
      Math.floor(batch.deadline + this.#clockMs),
      bounds.maxMessages,
      bounds.maxBytes,
      bounds.maxAgeMs,
      this.#markOf(batch),
      epoch,
      seq,
      ...batch.items.flatMap(({ fields }) => fields),
    ];
    const appending = this.#link.ask(
      (redis) => appendScript(redis, [...scriptKeys(keys), keys.publisher(publisherId)], args),
      // A little longer than Redis itself may wait with it, so that nothing given up is appended after that.
      Math.max(1, batch.deadline - now()) + 100,
    );
    appending.then(
      (answer) => this.#answered(batch, answer),
      (error: unknown) => this.#refused(batch, error),
    );
  }

  #answered(batch: Batch, answer: unknown): void {
    if (this.#underWay !== batch) return;
    const [epoch, first] = answer as unknown[];
    this.#underWay = undefined;
    for (const [index, item] of batch.items.entries())
      item.appended(String(epoch), Number(first) + index);
    this.#next();
  }

  #refused(batch: Batch, error: unknown): void {
    if (this.#underWay !== batch) return;
    const isRefusal = error instanceof Error && error.name === "ReplyError";
    if (isRefusedHere(error)) {
      // The primary is another one, or its slot on the way: it goes out again there.
      this.#refusal = error;
      this.#isChecked = false;
    } else if (isRefusal) {
      this.#fail(batch, toRedisError(error, "publish"));
    } else if (this.#options.now() >= batch.deadline) {
      this.#fail(batch, unanswered(error));
    }
    // Else the connection broke: it goes out again as soon as there is a new one.
    else if (!this.#link.isReady) this.#isChecked = false;
  }

  #fail(batch: Batch, error: InkwireError): void {
    this.#underWay = undefined;
    for (const item of batch.items) item.failed(error);
    this.#next();
  }

  #next(): void {
    this.#send();
    if (this.count === 0) this.#idle?.resolve();
  }

  /** Gives up what has waited for too long. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    const next = this.#underWay?.deadline ?? this.#waiting[0]?.deadline;
    if (next === undefined) return;
    const waitMs = Math.max(10, next - this.#options.now() + 200);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
      this.#watch();
    }, waitMs);
  }

  #expire(): void {
    const nowMs = this.#options.now();
    const batch = this.#underWay;
    if (batch !== undefined && nowMs > batch.deadline + 100)
      this.#fail(
        batch,
        this.#refusal === undefined
          ? unanswered(new Error("The connection to Redis broke."))
          : toRedisError(this.#refusal, "publish"),
      );
    const error = new InkwireError("storage_failed", "Could not publish: Redis is away.", {
      retryable: true,
      hint: "The message was not stored: publish it again later.",
    });
    let count = 0;
    while ((this.#waiting[count]?.deadline ?? Number.POSITIVE_INFINITY) <= nowMs) count += 1;
    for (const item of this.#waiting.splice(0, count)) {
      this.#waitingChars -= item.fields[3]?.length ?? 0;
      item.failed(error);
    }
    if (this.count === 0) this.#idle?.resolve();
  }

  #markOf({ number }: Batch): string {
    return `${this.#options.publisherId}.${number}`;
  }
}

function unanswered(cause: unknown): InkwireError {
  return new InkwireError("storage_failed", "Could not publish: Redis did not answer.", {
    retryable: true,
    hint: "Whether it was stored is not known; published again, it may come twice.",
    cause,
  });
}
