import type { Redis } from "ioredis";
import { newEpoch } from "../bus/epoch.js";
import { checkBounds } from "../bus/past.js";
import type { Adopt, BreakListener, Draft, Envelope, History, Replay, Seal } from "../bus/types.js";
import { InkwireError, parseCursor, type Cursor, type Topic } from "../protocol/index.js";
import { checkHead, type RedisBounds, type RedisHead } from "./history-check.js";
import type { RawEntry } from "./history-entry.js";
import { historyKeys, type HistoryKeys } from "./history-keys.js";
import { loadEntries, loadLost, type LostMarks } from "./history-load.js";
import { HistoryMirror } from "./history-mirror.js";
import { HistoryReader } from "./history-reader.js";
import { HistoryWriter } from "./history-writer.js";
import { OwnMessage } from "./own-message.js";
import { doingInRedis, toRedisError } from "./redis-errors.js";
import { tagOf } from "./tag.js";

export interface RedisHistoryOptions {
  /** Stays the caller's: the history has two connections of its own beside it. */
  readonly redis: Redis;
  /** What the keys begin with; the nodes of one server have the same. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** At least 1; Redis keeps up to a tenth more for a moment. @default 10_000 */
  readonly maxMessages?: number | undefined;
  /** Of JSON text, in Redis and in each node; at least 1. @default 33_554_432 */
  readonly maxBytes?: number | undefined;
  /** How long a message is kept, at least 1. @default 86_400_000, a day */
  readonly maxAgeMs?: number | undefined;
  /** How long a publish may wait for Redis before it is refused, in milliseconds; at least 100. @default 5_000 */
  readonly publishTimeoutMs?: number | undefined;
  /** Told of connections that broke, and of what in Redis could not be read. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** Milliseconds that only grow. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** How long a reader who comes from another node is kept waiting for what that one had, in milliseconds. */
const CATCH_UP_MS = 5_000;

/**
 * One history for all nodes of a Redis: one order over all of them, kept in a stream there and in memory here, so that readers who
 * come back are served without asking Redis. Gives what `createBus` and `createInkwire` take as `history`.
 *
 * While Redis is away connections stay, those who come back are served with what is here, and publishing is refused after
 * `publishTimeoutMs` with a retryable error. When it is back, reading goes on where it was; when it came back without what it
 * had, or with less, a new epoch begins, and every reader is told `reset`.
 *
 * @throws InkwireError `storage_failed` when Redis does not answer, `invalid_option`.
 */
export async function createRedisHistory(options: RedisHistoryOptions): Promise<History> {
  const bounds = {
    maxMessages: options.maxMessages ?? 10_000,
    maxBytes: options.maxBytes ?? 32 * 1024 * 1024,
    maxAgeMs: options.maxAgeMs ?? 86_400_000,
  };
  const publishTimeoutMs = options.publishTimeoutMs ?? 5_000;
  checkBounds(bounds);
  if (!(publishTimeoutMs >= 100))
    throw new InkwireError(
      "invalid_option",
      `Expected publishTimeoutMs to be a number >= 100, got ${publishTimeoutMs}`,
    );
  const { redis, onProblem = () => {}, now = () => performance.now() } = options;
  const keys = historyKeys(tagOf(options.prefix));
  const loaded = await doingInRedis("open the history", () => load(redis, keys, bounds));
  return new RedisHistory({ redis, keys, bounds, publishTimeoutMs, onProblem, now, loaded });
}

/** What was in Redis when this process came. */
interface Loaded {
  readonly head: RedisHead;
  readonly entries: readonly RawEntry[];
  readonly marks: LostMarks;
}

async function load(redis: Redis, keys: HistoryKeys, bounds: RedisBounds): Promise<Loaded> {
  const seen = { epoch: "", seq: 0, mark: "" };
  const look = () => checkHead(redis, { keys, bounds, seen, isOther: false });
  for (;;) {
    const head = await look();
    const entries = await loadEntries(redis, keys, head.seq);
    // What was let go of meanwhile, the marks tell of.
    const marks = await loadLost(redis, keys, 0);
    if ((await look()).epoch === head.epoch) return { head, entries, marks };
  }
}

interface ResolvedOptions {
  readonly redis: Redis;
  readonly keys: HistoryKeys;
  readonly bounds: RedisBounds;
  readonly publishTimeoutMs: number;
  readonly onProblem: (problem: unknown) => void;
  readonly now: () => number;
  readonly loaded: Loaded;
}

class RedisHistory implements History {
  readonly #options: ResolvedOptions;
  readonly #mirror: HistoryMirror;
  #loaded: Loaded | undefined;
  #writer: HistoryWriter | undefined;
  #reader: HistoryReader | undefined;
  #catchingUp: Promise<void> | undefined;
  /** Of our own, not told to the listeners yet. */
  #unsettled = 0;
  #closing: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    const { bounds, onProblem, loaded } = options;
    this.#options = options;
    this.#loaded = loaded;
    this.#mirror = new HistoryMirror({ epoch: loaded.head.epoch, bounds, onProblem });
  }

  get epoch(): string {
    return this.#mirror.past.epoch;
  }

  head(): Cursor {
    return this.#mirror.past.head();
  }

  append(draft: Draft, seal: Seal): Promise<Envelope> {
    const writer = this.#writer;
    if (writer === undefined)
      throw new InkwireError("closed", "The history is closed, or belongs to no bus yet.");
    const { publishTimeoutMs, now } = this.#options;
    const { epoch, seq } = this.#mirror.past;
    const own = new OwnMessage({
      draft,
      seal,
      expected: { epoch, seq: seq + this.#unsettled + 1 },
      deadline: now() + publishTimeoutMs,
      onAppended: (own, place) => this.#mirror.appended(own, place),
      onSettled: (own) => {
        this.#unsettled -= 1;
        this.#mirror.settled(own);
      },
    });
    writer.push(own);
    this.#unsettled += 1;
    return own.published;
  }

  listen(listener: (envelope: Envelope) => void): () => void {
    return this.#mirror.listen(listener);
  }

  onBreak(listener: BreakListener): void {
    this.#mirror.onBreak(listener);
  }

  start(adopt: Adopt): void {
    if (this.#loaded === undefined || this.#closing !== undefined) return;
    const { entries, head, marks } = this.#loaded;
    this.#loaded = undefined;
    const mirror = this.#mirror;
    mirror.load(entries, head, marks, adopt);
    const { redis, keys, bounds, onProblem, now } = this.#options;
    const shared = { redis, keys, bounds, onProblem, seen: () => mirror.seen };
    this.#writer = new HistoryWriter({
      ...shared,
      now,
      publisherId: newEpoch(),
      onSend: (mark, items) => {
        for (const [index, own] of items.entries())
          mirror.sent(own as OwnMessage, `${mark}.${index}`);
      },
    });
    this.#reader = new HistoryReader({
      ...shared,
      onEntries: (entries) => mirror.read(entries),
      onHead: async (head, redis) => {
        const marks = mirror.isBehind(head)
          ? await loadLost(redis, keys, mirror.past.seq)
          : undefined;
        mirror.look(head, marks);
      },
    });
  }

  async replay(topics: ReadonlySet<Topic>, after: Cursor | undefined): Promise<Replay> {
    // The second time it is one that began after this reader came.
    for (let tries = 0; tries < 2 && this.#isAhead(after); tries += 1) {
      this.#catchingUp ??= this.#catchUp().finally(() => {
        this.#catchingUp = undefined;
      });
      await this.#catchingUp;
    }
    return this.#mirror.past.replay(topics, after);
  }

  stats(): ReturnType<History["stats"]> {
    return this.#mirror.past.stats();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writer?.close();
    await this.#reader?.close();
    this.#writer = undefined;
    this.#loaded = undefined;
    this.#mirror.close();
  }

  /** Another node may have been further when it wrote this cursor, or in an epoch that is not known here yet. */
  #isAhead(after: Cursor | undefined): boolean {
    const cursor = after === undefined ? undefined : parseCursor(after);
    if (cursor === undefined || this.#writer === undefined) return false;
    return cursor.epoch !== this.epoch || cursor.seq > this.#mirror.past.seq;
  }

  /** Waits until this node has what Redis has now. */
  async #catchUp(): Promise<void> {
    const { now } = this.#options;
    const deadline = now() + CATCH_UP_MS;
    const head = await this.#writer?.head();
    const { past } = this.#mirror;
    if (head === undefined || (head.epoch === past.epoch && head.seq <= past.seq)) return;
    while (now() < deadline) {
      const { epoch, seq } = this.#mirror.past;
      if (epoch !== past.epoch || (epoch === head.epoch && seq >= head.seq)) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw toRedisError(new Error("This node is behind."), "read on");
  }
}
