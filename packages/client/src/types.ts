import type {
  BookMessages,
  Catalog,
  Cursor,
  InkwireError,
  MessageOf,
  MessageType,
  Topic,
} from "@inkwire/core/protocol";
import type { Clock, Lifecycle, Storage } from "./environment.js";
import type { Store } from "./store.js";

/**
 * - `idle`: never connected, or before `connect()`;
 * - `connecting`: a request is on its way;
 * - `catching_up`: connected, and what was missed is arriving;
 * - `live`: connected, nothing is missing;
 * - `waiting`: it will try again at `retryAt`;
 * - `offline`: the same, and the device says that it has no network;
 * - `unauthorized`: a fresh token was refused too, or there is none; `connect()` tries again;
 * - `closed`: by `close()`, or by a refusal that no retry can mend (`error` says which); `connect()` opens it again.
 */
export type ConnectionStatus =
  | "idle"
  | "connecting"
  | "catching_up"
  | "live"
  | "waiting"
  | "offline"
  | "unauthorized"
  | "closed";

/** What carries the messages: both carry the same. */
export type TransportName = "sse" | "websocket";

export interface ConnectionState {
  readonly status: ConnectionStatus;
  /** When this status began, milliseconds since 1970. */
  readonly since: number;
  /** The transport in use, or the one that is tried next. */
  readonly transport?: TransportName | undefined;
  /** When it tries again, milliseconds since 1970: in `waiting` and `offline`. */
  readonly retryAt?: number | undefined;
  /** How many attempts in a row have failed. */
  readonly failures: number;
  /** Why it is not connected, or why it is `closed`. Gone once it is connected. */
  readonly error?: InkwireError | undefined;
}

/** Some messages are gone: read the state of these topics again. */
export interface Gap {
  /** `gap`: of these topics, something is missing. `reset`: the history is another one; all topics of this client. */
  readonly kind: "gap" | "reset";
  readonly topics: readonly Topic[];
}

/** What arrived since the client was made. Numbers only grow. */
export interface ClientCounts {
  /** Messages given to handlers. */
  readonly delivered: number;
  /** Messages that came again and were dropped. */
  readonly duplicates: number;
  /** Messages of a type that no handler asked for, perhaps of a newer server: ignored. */
  readonly unknown: number;
  /** What could not be read as a message: ignored, and told to `onProblem`. */
  readonly malformed: number;
  /** Connections that were opened. */
  readonly connections: number;
}

export interface TokenRequest {
  /** True when the token it gave before was refused or is about to end: a cached one will not do. */
  readonly refresh: boolean;
  /** Aborted when the answer is no longer wanted, or took too long. */
  readonly signal: AbortSignal;
}

export interface ClientOptions {
  /** The server's base: `<url>/events`, `<url>/ws` and `<url>/api/…` are below it. May be relative in a browser. */
  readonly url: string | URL;
  /**
   * The JWT, or where to get one. A function is asked before each connection, and again with `refresh: true` when a token
   * was refused or is about to end. A token of another user (`sub`) means that the login changed: the cursor of the user
   * before is not used for it.
   */
  readonly token: string | ((request: TokenRequest) => string | Promise<string>);
  /** Topics beyond `user/<id>` and `all`. @default none */
  readonly topics?: readonly Topic[] | undefined;
  /** @default "auto": SSE, and WebSocket where SSE is blocked or buffered on the way. */
  readonly transport?: "auto" | TransportName | undefined;
  /** One connection for all tabs of the browser. @default true where Web Locks and BroadcastChannel exist */
  readonly tabs?: boolean | undefined;
  /**
   * Where the cursor of each user and the transport that worked are kept, so that a reload resumes: for instance
   * `sessionStorage`. Losing it loses no more than the resume. @default null, kept in memory only
   */
  readonly storage?: Storage | null | undefined;
  /**
   * Told about what went wrong but was survived, such as a handler that threw.
   *
   * @default `reportError` in a page, and `console.error` anywhere else, which ends no process
   */
  readonly onProblem?: ((error: InkwireError) => void) | undefined;
  /** How long a connection may take to say hello before it counts as blocked, in milliseconds. @default 8_000 */
  readonly helloTimeoutMs?: number | undefined;
  /** How long the token function may take, in milliseconds. @default 10_000 */
  readonly tokenTimeoutMs?: number | undefined;
  /** The longest message it reads, in UTF-16 units; more ends the connection, which then resumes. @default 1_048_576 */
  readonly maxMessageLength?: number | undefined;
  /** The first wait after a failure, and the longest, in milliseconds; jittered. @default 1_000 and 30_000 */
  readonly backoff?:
    | { readonly baseMs?: number | undefined; readonly capMs?: number | undefined }
    | undefined;

  // For tests, and for runtimes that lack one of them.
  readonly fetch?: typeof fetch | undefined;
  readonly WebSocket?: typeof WebSocket | undefined;
  readonly clock?: Clock | undefined;
  /** A number in `[0, 1)`. @default Math.random */
  readonly random?: (() => number) | undefined;
  readonly lifecycle?: Lifecycle | undefined;
}

/** One user's messages from one server, each handler called exactly once and in order. */
export interface Client<C extends Catalog = BookMessages> extends AsyncDisposable {
  readonly state: Store<ConnectionState>;
  readonly counts: ClientCounts;
  /** The `sub` of the newest token; `undefined` before the first one, or where it is no JWT. */
  readonly userId: string | undefined;
  /** The `id` of the last message it has, where it would resume. */
  readonly cursor: Cursor | undefined;

  /** Opens the connection and keeps it up until `close()`. Does nothing when it is up; tries at once when it is waiting. */
  connect(): void;
  /** Ends it, and every `messages()`. `connect()` opens it again where it was. */
  close(): void;

  /** Calls `handler` with each message of a type, or of all (`"*"`). Gives back how to stop. */
  on<T extends MessageType<C>>(type: T, handler: (message: MessageOf<C, T>) => void): () => void;
  on(type: "*", handler: (message: MessageOf<C>) => void): () => void;
  /** The next message of a type. Rejects with `aborted`, or with `closed` when the client is closed before. */
  once<T extends MessageType<C>>(type: T, options?: SignalOption): Promise<MessageOf<C, T>>;
  /**
   * Messages from now on, until the signal aborts or the client is closed.
   *
   * @throws InkwireError `slow_consumer` from the iterator when more than `maxBuffered` wait to be read.
   */
  messages<T extends MessageType<C> = MessageType<C>>(
    options?: MessagesOptions<T>,
  ): AsyncIterableIterator<MessageOf<C, T>>;
  /** Calls `handler` when messages were missed for good. Gives back how to stop. */
  onGap(handler: (gap: Gap) => void): () => void;
  /**
   * Calls `handler` with topics that are in effect from here on: at the first connection, and where one is added later. A
   * state that was read before may lack what happened between that answer and this moment. Gives back how to stop.
   */
  onJoin(handler: (topics: readonly Topic[]) => void): () => void;

  /** Adds topics while at least one caller wants them. Gives back how to stop; then no handler sees them any more. */
  subscribe(topics: readonly Topic[]): () => void;
  /**
   * `fetch` below the base url with the token, and with one fresh token if that is refused. Any status is an answer.
   *
   * @throws InkwireError `token_unavailable`, `server_unreachable`; what the signal of `init` says.
   */
  request(path: string, init?: RequestInit): Promise<Response>;
}

/** How to end something early: abort the signal. */
export interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}

export interface MessagesOptions<T extends string = string> extends SignalOption {
  /** @default all */
  readonly types?: readonly T[] | undefined;
  /** How many may wait for a slow reader. @default 10_000 */
  readonly maxBuffered?: number | undefined;
}

/** What `createClient` is, for code that is handed one: the whole client, the one of SSE alone, or a double. */
export type CreateClient = <C extends Catalog = BookMessages>(options: ClientOptions) => Client<C>;
