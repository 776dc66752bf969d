import { InkwireError, type Catalog, type Topic } from "@inkwire/core/protocol";
import { createListeners } from "./listeners.js";
import { createAuth } from "./connection/auth.js";
import type { ConnectionFactory } from "./connection/types.js";
import { createCursors } from "./messages/cursors.js";
import { createHandlers } from "./messages/handlers.js";
import { createReceiver } from "./messages/receiver.js";
import { checkTopics, type ResolvedOptions } from "./options.js";
import { createRequest } from "./request.js";
import { createStore } from "./store.js";
import type { Client, ClientCounts, ConnectionState, Gap } from "./types.js";

/** Puts a client together from its parts; how it is connected is passed in. */
export function makeClient<C extends Catalog>(
  options: ResolvedOptions,
  connect: ConnectionFactory,
): Client<C> {
  const { clock, onProblem } = options;
  const counts: { -readonly [K in keyof ClientCounts]: number } = {
    delivered: 0,
    duplicates: 0,
    unknown: 0,
    malformed: 0,
    connections: 0,
  };
  const problem = (cause: unknown): void =>
    onProblem(new InkwireError("handler_failed", "A handler threw", { cause }));
  const handlers = createHandlers(problem);
  const gaps = createListeners<Gap>(problem);
  const joins = createListeners<readonly Topic[]>(problem);
  const initial: ConnectionState = { status: "idle", since: clock.now(), failures: 0 };
  const state = createStore(initial, problem);
  const cursors = createCursors(options.memory, clock);
  /** How many want each topic. */
  const wanted = new Map<Topic, number>();
  let isUpdating = false;

  const update = (): void => {
    if (isUpdating) return;
    isUpdating = true;
    // What is mounted in one go is one change.
    queueMicrotask(() => {
      isUpdating = false;
      connection.update();
    });
  };
  const auth = createAuth(options, update);
  const isOwn = (topic: Topic): boolean =>
    topic === "all" || topic.startsWith("user/") || wanted.has(topic);
  const receive = createReceiver({
    cursors,
    topics: (userId) => [
      "all",
      ...(userId === undefined ? [] : [`user/${userId}` as const]),
      ...wanted.keys(),
    ],
    deliver(message) {
      if (!isOwn(message.topic)) return;
      counts[handlers.deliver(message) ? "delivered" : "unknown"] += 1;
    },
    count(what) {
      counts[what] += 1;
    },
    gap: gaps.emit,
    joined: joins.emit,
  });
  const connection = connect({
    auth,
    topics: () => [...wanted.keys()].sort(),
    cursor: cursors.get,
    receive,
    report(next) {
      // Also when the page goes away: then it is the last chance.
      cursors.flush();
      state.set(next);
    },
    problem: onProblem,
    malformed(text) {
      counts.malformed += 1;
      onProblem(
        new InkwireError("invalid_message", `Expected a message, got ${text.slice(0, 80)}`),
      );
    },
  });

  function subscribe(topics: readonly Topic[]): () => void {
    checkTopics(topics);
    let isOn = true;
    const add = (by: number): void => {
      for (const topic of topics) {
        const count = (wanted.get(topic) ?? 0) + by;
        if (count > 0) wanted.set(topic, count);
        else wanted.delete(topic);
      }
      update();
    };
    add(1);
    return () => {
      if (isOn) add(-1);
      isOn = false;
    };
  }

  const client: Client = {
    state,
    counts,
    get userId() {
      return auth.userId;
    },
    get cursor() {
      return cursors.get(auth.userId);
    },
    connect: connection.open,
    close() {
      connection.close();
      handlers.close();
    },
    on: handlers.on as Client["on"],
    once: ((type: string, { signal }: { signal?: AbortSignal } = {}) =>
      handlers.once(type, signal)) as Client["once"],
    messages: handlers.messages as Client["messages"],
    onGap: gaps.on,
    onJoin: joins.on,
    subscribe,
    request: createRequest(options, auth),
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
  subscribe(options.topics);
  return client as unknown as Client<C>;
}
