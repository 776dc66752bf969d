import type { Redis, RedisOptions } from "ioredis";
import { patient } from "./client.js";
import { isRefusedHere } from "./redis-errors.js";

/** How long a new connection may take to be of use, in milliseconds. */
const HANDSHAKE_MS = 5_000;

const connectionOptions = {
  ...patient,
  lazyConnect: false,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  // It would send again what was refused.
  reconnectOnError: null,
  retryStrategy: (attempt: number) => Math.min(500, 20 * 2 ** Math.min(attempt, 10)),
} as const satisfies RedisOptions;

export interface RedisLinkOptions {
  /** The link has a connection of its own beside it. */
  readonly redis: Redis;
  readonly onProblem: (problem: unknown) => void;
  /** Called each time the connection is there anew. */
  readonly onReady: () => void;
}

/**
 * A connection on which nothing is sent twice, and nothing waits unseen: what was asked and not answered when it breaks is
 * refused, and whoever asked decides what becomes of it. The client would queue it, and send it again by itself.
 */
export class RedisLink {
  readonly #redis: Redis;
  readonly #asked = new Set<(error: unknown) => void>();
  #handshake: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor({ redis, onProblem, onReady }: RedisLinkOptions) {
    this.#redis = redis.duplicate(connectionOptions);
    this.#redis.on("error", onProblem);
    this.#redis.on("connect", () => this.#awaitHandshake());
    this.#redis.on("ready", () => {
      clearTimeout(this.#handshake);
      if (!this.#isClosed) onReady();
    });
    this.#redis.on("close", () => {
      clearTimeout(this.#handshake);
      this.#refuse(new Error("The connection to Redis broke."));
    });
  }

  get isReady(): boolean {
    return this.#redis.status === "ready";
  }

  /**
   * Rejects when the connection breaks, and when no answer comes in time: it is then made anew, as an answer that is late must
   * not be taken for that to another question. Also when this is not the server to ask: where that is now, only a new one can tell.
   */
  ask<T>(act: (redis: Redis) => Promise<T>, timeoutMs: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => {
      reject(new Error(`Redis did not answer within ${timeoutMs} ms.`));
      this.reconnect();
    }, timeoutMs);
    this.#asked.add(reject);
    act(this.#redis).then(resolve, (error: unknown) => {
      reject(error);
      if (isRefusedHere(error)) this.reconnect();
    });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#asked.delete(reject);
    });
  }

  reconnect(): void {
    if (!this.#isClosed) this.#redis.disconnect(true);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#handshake);
    this.#redis.disconnect();
    this.#refuse(new Error("The connection to Redis was closed."));
  }

  /** A peer that takes connections and says nothing would hold this one for ever. */
  #awaitHandshake(): void {
    clearTimeout(this.#handshake);
    this.#handshake = setTimeout(() => this.reconnect(), HANDSHAKE_MS);
  }

  #refuse(error: Error): void {
    for (const refuse of this.#asked) refuse(error);
  }
}
