import type { Redis } from "ioredis";
import {
  checkHead,
  serverId,
  type RedisBounds,
  type RedisHead,
  type Seen,
} from "./history-check.js";
import type { RawEntry } from "./history-entry.js";
import type { HistoryKeys } from "./history-keys.js";
import { RedisLink } from "./link.js";

/** How many entries one look brings, at most. */
const READ_COUNT = 256;

/** How long a look waits for something new, in milliseconds: also how soon a history that was deleted is noticed. */
const BLOCK_MS = 2_000;

/** While there is always something new, the head is looked at this often all the same, in milliseconds: what is old has to go. */
const LOOK_MS = 10_000;

/** How long Redis may take to answer, in milliseconds. */
const ANSWER_MS = 5_000;

export interface HistoryReaderOptions {
  readonly redis: Redis;
  readonly keys: HistoryKeys;
  readonly bounds: RedisBounds;
  readonly seen: () => Seen;
  /** The head of Redis, after a look at whether it is the past that was seen; its epoch may be another. */
  readonly onHead: (head: RedisHead, redis: Redis) => Promise<void>;
  /** The next entries, in order. `false`: something is missing before one of them, so the head is to be looked at first. */
  readonly onEntries: (entries: readonly RawEntry[]) => boolean;
  readonly onProblem: (problem: unknown) => void;
}

/**
 * Reads the stream from where this process stands, for as long as it lives: one blocking read at a time, on a connection of its
 * own. After each interruption it looks first whether Redis still has the past that was read before.
 */
export class HistoryReader {
  readonly #options: HistoryReaderOptions;
  readonly #link: RedisLink;
  #server: string | undefined;
  #epochsId = "0-0";
  #ready = Promise.withResolvers<void>();
  #isClosed = false;
  readonly #isOver: Promise<void>;

  constructor(options: HistoryReaderOptions) {
    this.#options = options;
    const { redis, onProblem } = options;
    this.#link = new RedisLink({ redis, onProblem, onReady: () => this.#ready.resolve() });
    this.#isOver = this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#link.close();
    this.#ready.resolve();
    await this.#isOver;
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#read();
      } catch (error) {
        if (this.#isClosed) return;
        this.#options.onProblem(error);
        if (this.#link.isReady) await pause(100);
      }
    }
  }

  async #read(): Promise<void> {
    if (!this.#link.isReady) {
      this.#ready = Promise.withResolvers();
      await this.#ready.promise;
      if (this.#isClosed) return;
    }
    const server = await this.#link.ask(serverId, ANSWER_MS);
    const isOther = this.#server !== undefined && (server === "" || server !== this.#server);
    await this.#look(isOther);
    this.#server = server;
    let lookedAt = performance.now();
    while (!this.#isClosed) {
      const isComplete = await this.#readOn();
      if (isComplete && performance.now() - lookedAt < LOOK_MS) continue;
      await this.#look(false);
      lookedAt = performance.now();
    }
  }

  async #look(isOther: boolean): Promise<void> {
    const { keys, bounds, seen, onHead } = this.#options;
    await this.#link.ask(async (redis) => {
      const head = await checkHead(redis, { keys, bounds, seen: seen(), isOther });
      await onHead(head, redis);
      this.#epochsId = head.epochsId;
    }, ANSWER_MS);
  }

  /** `false` when the head is to be looked at again. */
  async #readOn(): Promise<boolean> {
    const { keys, seen, onEntries } = this.#options;
    const from = `${seen().seq}-18446744073709551615`;
    const answer = await this.#link.ask(
      (redis) =>
        redis.xread(
          "COUNT",
          READ_COUNT,
          "BLOCK",
          BLOCK_MS,
          "STREAMS",
          keys.stream,
          keys.epochs,
          from,
          this.#epochsId,
        ),
      BLOCK_MS + ANSWER_MS,
    );
    if (answer === null) return false;
    const streams = new Map(answer as [string, RawEntry[]][]);
    // Both are of one moment: with a new epoch, what is in the stream is of it.
    if (streams.has(keys.epochs)) return false;
    return onEntries(streams.get(keys.stream) ?? []);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
