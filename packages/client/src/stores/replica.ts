import {
  InkwireError,
  isInkwireError,
  parseCursor,
  type BookMessages,
  type Message,
  type MessageType,
  type Topic,
} from "@inkwire/core/protocol";
import { systemClock } from "../connection/lifecycle.js";
import type { Clock } from "../environment.js";
import { createStore, type Store } from "../store.js";
import type { Client } from "../types.js";
import { requestJson, type Json } from "./request-json.js";

/** What a store needs of its client: one with more messages than ours, or a test's, is good too. */
export type StoreClient = Pick<
  Client,
  "on" | "onGap" | "onJoin" | "request" | "state" | "subscribe" | "userId"
>;

/** What every state that is read from the server says about the reading. */
export interface ReadState {
  /** Nothing is known yet, and an answer is on its way. */
  readonly isLoading: boolean;
  /** Why the last reading failed; what was known stays. One that may pass is tried again by itself. */
  readonly error: InkwireError | undefined;
}

export interface ReadOptions {
  readonly clock?: Clock | undefined;
  /** In `[0, 1)`. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** A store that reads its state again when asked, until it is closed. */
export interface ReadStore<S> extends Store<S> {
  readonly refresh: () => void;
  readonly close: () => void;
}

interface ReplicaOptions<S> extends ReadOptions {
  readonly path: (state: S) => string;
  readonly types: ReadonlyArray<MessageType<BookMessages>>;
  /** Whether what is missing of this topic is missing here. */
  readonly concerns: (topic: Topic) => boolean;
  readonly initial: Omit<S, keyof ReadState>;
  /** The state after an answer. Throws for one of another shape. */
  readonly take: (state: S, answer: Json) => S;
  /** The state after a message: the same object when it is none of its business, `undefined` to read again. */
  readonly apply: (state: S, message: Message) => S | undefined;
}

export interface Replica<S> extends ReadStore<S> {
  set(state: S): void;
}

/** A read that was asked for waits so long for the subscription that is about to begin: then it is read only once. */
const JOIN_MS = 150;
const TIMEOUT_MS = 20_000;
const RETRY = { baseMs: 1_000, capMs: 30_000 };
const MAX_HEARD = 2_000;

/**
 * A piece of the server's state, kept up to date by messages.
 *
 * It is read at the start and after each gap. What is heard while an answer is on its way is applied at once, so that
 * nothing stands still, and once more on top of the answer: that is older than these messages, or has them already.
 * Where an answer tells its cursor, only what came after it is applied again.
 */
export function createReplica<S extends ReadState>(
  client: StoreClient,
  options: ReplicaOptions<S>,
): Replica<S> {
  const { path, types, concerns, take, apply, clock = systemClock, random = Math.random } = options;
  const initial = { ...options.initial, isLoading: true, error: undefined } as unknown as S;
  const store = createStore(initial);
  let user = client.userId;
  /** What is heard while an answer is on its way. */
  let heard: Message[] | undefined;
  /** Of the newest answer: what is not after it has had its say. */
  let floor: unknown;
  let isWanted = false;
  let failures = 0;
  let mends = 0;
  let mendedAt = 0;
  let attempt = 0;
  let abort = new AbortController();
  let cancelTimer: (() => void) | undefined;
  later(client.state.get().status === "idle" ? 0 : JOIN_MS);

  function later(ms: number): void {
    cancelTimer = clock.after(ms, refresh);
  }

  const delayMs = (attempts: number): number =>
    random() * Math.min(RETRY.capMs, RETRY.baseMs * 2 ** (attempts - 1));

  /** Something is missing: reads at once, and ever later where that does not help. */
  function mend(): void {
    if (clock.now() - mendedAt > 2 * RETRY.capMs) mends = 0;
    mendedAt = clock.now();
    later(mends === 0 ? 0 : delayMs(mends));
    mends += 1;
  }

  function refresh(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (heard !== undefined) isWanted = true;
    else if (attempt >= 0) void read(++attempt);
  }

  async function read(mine: number): Promise<void> {
    const messages: Message[] = (heard = []);
    const { signal } = (abort = new AbortController());
    const cancelTimeout = clock.after(TIMEOUT_MS, () => {
      const message = `No answer within ${TIMEOUT_MS} ms`;
      abort.abort(new InkwireError("server_unreachable", message, { retryable: true }));
    });
    isWanted = false;
    let failure: InkwireError | undefined;
    let next: S | undefined;
    try {
      const answer = await requestJson(client, path(store.get()), { signal });
      if (mine !== attempt) return;
      next = take(store.get(), answer);
      floor = answer["cursor"];
      for (const message of messages) {
        if (!isAfter(message, floor)) continue;
        const applied: S | undefined = apply(next, message);
        if (applied === undefined) isWanted = true;
        else next = applied;
      }
    } catch (error) {
      failure = isInkwireError(error)
        ? error
        : new InkwireError("internal", "The answer could not be used", { cause: error });
    } finally {
      cancelTimeout();
    }
    if (mine !== attempt) return;
    heard = undefined;
    store.set({ ...(next ?? store.get()), isLoading: false, error: failure });
    // Once more, and ever later: what does not get whole by reading must not become a flood.
    if (isWanted || failure?.retryable === true) {
      failures += 1;
      const { retryAfterMs = 0 } = failure ?? {};
      later(retryAfterMs + delayMs(failures));
    } else failures = 0;
  }

  function hear(message: Message): void {
    if (!isAfter(message, floor)) return;
    const state = store.get();
    if (heard !== undefined) {
      heard.push(message);
      if (heard.length > MAX_HEARD) {
        heard.length = 0;
        isWanted = true;
      }
    }
    const next = apply(state, message);
    const isAmiss = next === undefined || (next !== state && state.error !== undefined);
    // A reading that is on its way, or about to begin, finds out what is still missing.
    if (isAmiss && heard === undefined && cancelTimer === undefined) mend();
    if (next !== undefined) store.set(next);
  }

  const stops = [
    ...types.map((type) => client.on(type, hear)),
    client.onGap(({ topics }) => {
      if (client.userId !== user) {
        const isKnown = user !== undefined;
        user = client.userId;
        if (isKnown) {
          // What is known is another user's.
          attempt += 1;
          abort.abort();
          heard = floor = undefined;
          store.set(initial);
          return refresh();
        }
      }
      if (topics.some(concerns)) refresh();
    }),
    client.onJoin((topics) => {
      if (topics.some(concerns)) refresh();
    }),
    client.state.subscribe(({ status }) => {
      if (status === "live" && store.get().error !== undefined) refresh();
    }),
  ];

  return {
    get: () => store.get(),
    subscribe: (listener) => store.subscribe(listener),
    set: (state) => store.set(state),
    refresh,
    close() {
      attempt = -1;
      cancelTimer?.();
      abort.abort();
      for (const stop of stops) stop();
    },
  };
}

/** The topic of whoever is signed in, who hears of no other user's. */
export const isOwnTopic = (topic: Topic): boolean => topic.startsWith("user/");

function isAfter({ id }: Message, cursor: unknown): boolean {
  const place = parseCursor(cursor);
  const own = parseCursor(id);
  return place === undefined || own?.epoch !== place.epoch || own.seq > place.seq;
}
