import {
  InkwireError,
  type BookMessages,
  type Catalog,
  type Message,
  type MessageData,
  type MessageOf,
  type MessageType,
  type Topic,
} from "@inkwire/core/protocol";
import { createListeners } from "../listeners.js";
import { createHandlers } from "../messages/handlers.js";
import { createStore } from "../store.js";
import type { Client, ConnectionState, Gap } from "../types.js";

export interface MockClientOptions {
  /** @default "1" */
  readonly userId?: string | undefined;
  /** Answers `request`. @default 404 for all */
  readonly respond?: (request: Request) => Response | Promise<Response>;
}

/** A client without a server: what would arrive is said by the test. Handlers run before `emit` returns. */
export interface MockClient<C extends Catalog = BookMessages> extends Client<C> {
  /** Hands a message to the handlers, as the server would. It gets the next id, and `user/<id>` unless a topic is given. */
  emit<T extends MessageType<C>>(
    type: T,
    data: MessageData<C, T>,
    options?: { readonly topic?: Topic; readonly time?: string },
  ): MessageOf<C, T>;
  /** Changes what it says of its connection. `connect()` alone makes it `live`, `close()` makes it `closed`. */
  setState(state: Partial<ConnectionState>): void;
  /** Tells the handlers of `onGap`. */
  gap(gap: Gap): void;
  /** Tells the handlers of `onJoin`. */
  join(topics: readonly Topic[]): void;
  /** What is subscribed to now, sorted. */
  readonly topics: readonly Topic[];
  /** Every request that was made, oldest first. */
  readonly requests: readonly Request[];
}

/** Makes a client for tests that needs no server and no clock: the test says what arrives, and sees what was asked. */
export function createMockClient<C extends Catalog = BookMessages>({
  userId = "1",
  respond = () => new Response(null, { status: 404 }),
}: MockClientOptions = {}): MockClient<C> {
  let seq = 0;
  const counts = { delivered: 0, duplicates: 0, unknown: 0, malformed: 0, connections: 0 };
  // A test wants to see what a handler throws: it comes out of `emit`.
  const onThrow = (thrown: unknown): never => {
    throw thrown;
  };
  const handlers = createHandlers(onThrow);
  const gaps = createListeners<Gap>(onThrow);
  const joins = createListeners<readonly Topic[]>(onThrow);
  const state = createStore<ConnectionState>({ status: "idle", since: Date.now(), failures: 0 });
  const wanted: Topic[] = [];
  const requests: Request[] = [];

  const setState = (change: Partial<ConnectionState>): void =>
    state.set({ ...state.get(), since: Date.now(), ...change });

  const client = {
    state,
    counts,
    userId,
    get cursor() {
      return seq === 0 ? undefined : `mock.${seq}`;
    },
    connect() {
      counts.connections += 1;
      setState({ status: "live", transport: "sse", error: undefined, failures: 0 });
    },
    close() {
      setState({ status: "closed" });
      handlers.close();
    },
    on: handlers.on,
    once: (type: string, options?: { readonly signal?: AbortSignal }) =>
      handlers.once(type, options?.signal),
    messages: handlers.messages,
    onGap: gaps.on,
    onJoin: joins.on,
    subscribe(topics: readonly Topic[]) {
      wanted.push(...topics);
      let left: readonly Topic[] = topics;
      return () => {
        for (const topic of left) wanted.splice(wanted.indexOf(topic), 1);
        left = [];
      };
    },
    async request(path: string, init?: RequestInit) {
      const request = new Request(new URL(path.replace(/^\/+/, ""), "http://mock.invalid/"), init);
      requests.push(request);
      return respond(request);
    },
    emit(
      type: string,
      data: unknown,
      { topic = `user/${userId}`, time }: { readonly topic?: Topic; readonly time?: string } = {},
    ) {
      if (state.get().status === "closed") throw new InkwireError("closed", "The client is closed");
      seq += 1;
      const message: Message = {
        id: `mock.${seq}`,
        type,
        topic,
        time: time ?? new Date().toISOString(),
        data,
      };
      const isOwn = topic === "all" || topic.startsWith("user/") || wanted.includes(topic);
      if (isOwn) counts[handlers.deliver(message) ? "delivered" : "unknown"] += 1;
      return message;
    },
    setState,
    gap: gaps.emit,
    join: joins.emit,
    get topics() {
      return [...new Set(wanted)].sort();
    },
    requests,
    async [Symbol.asyncDispose]() {
      client.close();
    },
  };
  return client as unknown as MockClient<C>;
}
