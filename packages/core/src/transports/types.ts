import type { IncomingMessage, ServerResponse } from "node:http";
import type { Hooks } from "crossws";
import type { LocalNode } from "./peers.js";
import type { RefusalCode, ResumeVerdict, Topic } from "../protocol/index.js";

/** What carries the messages: both carry the same. */
export type TransportName = "sse" | "websocket";

/** Why a connection ended: what it was told, or `client` (it went), `silent` (it vanished), `failed` (we broke). */
export type CloseReason =
  | "client"
  | "drain"
  | "rotated"
  | "expired"
  | "replaced"
  | "revoked"
  | "slow"
  | "silent"
  | "refused"
  | "failed";

/** What may be told about a connection: no token and nothing out of one but who it is. */
export interface ConnectionInfo {
  readonly id: string;
  readonly userId: string;
  readonly transport: TransportName;
  readonly topics: readonly Topic[];
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** When its token ends, in milliseconds since 1970; a refresh moves it. */
  readonly expiresAt: number;
}

/** What happens, for logs and metrics. Never holds a token. */
export type GatewayEvent =
  | {
      readonly kind: "opened";
      readonly connection: ConnectionInfo;
      readonly resume: ResumeVerdict;
      readonly replayed: number;
    }
  | {
      readonly kind: "closed";
      readonly connection: ConnectionInfo;
      readonly reason: CloseReason;
      readonly durationMs: number;
      /** Written to it, as the wire counts them. */
      readonly bytes: number;
      readonly messages: number;
    }
  | { readonly kind: "refreshed"; readonly connection: ConnectionInfo }
  | {
      readonly kind: "refused";
      readonly transport: TransportName;
      readonly code: RefusalCode;
      /** Known once the token was good. */
      readonly userId?: string | undefined;
    }
  | {
      readonly kind: "failed";
      readonly connection: ConnectionInfo;
      readonly error: unknown;
    };

/** How many there are now. */
export interface ConnectionCounts {
  readonly total: number;
  readonly sse: number;
  readonly websocket: number;
  readonly users: number;
}

/** Who is connected: the registry of a gateway; with several nodes on one Redis, those of all of them (docs/operations/redis.md). */
export interface Connections {
  readonly counts: ConnectionCounts;
  isUserConnected(userId: string): boolean;
  /** A user's connections, oldest first. */
  of(userId: string): readonly ConnectionInfo[];
  /** Ends all connections of a user (goodbye `revoked`, final) and says how many there were, as far as is known here. */
  kick(userId: string): number;
  /**
   * The same for those that were opened or refreshed with the token of this id (`jti`). A gateway alone leaves it to the
   * verifier to refuse the token from now on; the connections of `createInkwire` refuse it too.
   *
   * @param until - when the token ends by itself, in milliseconds since 1970; its id is forgotten then. @default for good
   */
  revoke(tokenId: string, until?: number): number;
  /**
   * Calls `listener` with each connection that is open from now on, once it was told its verdict; gives back how to stop.
   * What it throws is swallowed.
   */
  onOpen(listener: (connection: ConnectionInfo) => void): () => void;
  /** The same for each that has ended, whoever ended it. */
  onClose(listener: (connection: ConnectionInfo, reason: CloseReason) => void): () => void;
}

export interface GatewayStats extends ConnectionCounts {
  /** Since the start. */
  readonly opened: number;
  readonly closed: number;
  readonly refused: number;
  /** Messages handed to a socket, and the bytes of them and of everything else on the wire. */
  readonly deliveredMessages: number;
  readonly deliveredBytes: number;
  /** Handed out of history to those who came back. */
  readonly replayedMessages: number;
  /** Waits for slow readers now, in bytes. */
  readonly queuedBytes: number;
  /** Messages that a newer one made needless while their reader was behind. */
  readonly conflated: number;
  /** Ephemeral messages dropped for a slow reader. */
  readonly shed: number;
  /** Connections closed because they were too slow. */
  readonly slow: number;
  /** Connections found dead by their silence. */
  readonly silent: number;
}

/** A request as Node has it: given, SSE is written straight to its socket. */
export interface NodeExchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Serves a bus to the world: `GET /events` and `GET /ws`, one protocol on both (docs/protocol.md). */
export interface Gateway {
  readonly connections: Connections;
  /**
   * `GET /events`. With `node` (HTTP/1.1) it answers on that response and gives back `undefined` once the head is sent;
   * without, a `Response` with a stream.
   *
   * A client with `?token=` that has to come back (drain, too many connections, no keys to check tokens) gets 200 with
   * `wire.goodbye`, `retry:` and the end: any other status ends a native EventSource for good.
   *
   * @param headers - sent along, such as those of CORS.
   * @throws InkwireError with a code of the refusal table, before anything is sent.
   */
  events(
    request: Request,
    node?: NodeExchange,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response | undefined>;
  /** `GET /ws`: hooks for any adapter of crossws. They answer refusals by close codes, which browsers can read. */
  readonly websocket: Pick<Hooks, "upgrade" | "open" | "message" | "close" | "error" | "drain"> &
    Pick<Hooks, "ping" | "pong">;
  /** Options for an adapter of crossws that fit: our own heartbeat, small frames, no compression. */
  readonly websocketOptions: WebSocketAdapterOptions;
  /**
   * `POST /events/<connection_id>/token`: gives an open connection a fresh token of the same user, in place.
   *
   * @throws InkwireError `not_found` also for a connection of another user; what the verifier throws.
   */
  refresh(connectionId: string, token: string | undefined): Promise<{ readonly expiresAt: number }>;
  /** What other nodes may ask of this one: for `Peers.join`. */
  readonly local: LocalNode;
  readonly isDraining: boolean;
  /**
   * Refuses new connections, tells each open one when to come back (spread over `drainMs`, each its own time) and ends it.
   * Resolves when all are gone, at the latest after `drainMs`. A second call gives the same promise.
   */
  drain(): Promise<void>;
  stats(): GatewayStats;
  /** Ends all at once. Can be called twice. */
  close(): Promise<void>;
}

export interface WebSocketAdapterOptions {
  /** Seconds; off: the gateway pings. */
  readonly idleTimeout: 0;
  /** Of `ws`, under Node. */
  readonly serverOptions: {
    readonly maxPayload: number;
    readonly maxFragments: number;
    readonly maxBufferedChunks: number;
    readonly perMessageDeflate: false;
    readonly clientTracking: false;
  };
}
