import type { Cursor, InkwireError, Topic } from "@inkwire/core/protocol";
import type { TransportName } from "../types.js";

/** A way over the wire, as a value: what is not passed in is not in the bundle. */
export interface Transport {
  readonly name: TransportName;
  /** Starts one connection. It tells of everything by the listener, also of what goes wrong at once; it never throws. */
  open(request: WireRequest, listener: WireListener): Wire;
}

export interface WireRequest {
  /** Ends with a slash. */
  readonly base: URL;
  readonly token: string;
  readonly topics: readonly Topic[];
  readonly cursor: Cursor | undefined;
  readonly maxMessageLength: number;
  readonly fetch: typeof fetch;
  readonly WebSocket: typeof WebSocket | undefined;
  readonly now: () => number;
}

export interface WireListener {
  /** Something came, if only a part: the other end lives. */
  readonly alive: () => void;
  /** One message's JSON text. */
  readonly text: (json: string) => void;
  /** The end, told once unless this end closed it. `code`, `retryable` and `retryAfterMs` say what it means. */
  readonly end: (error: InkwireError) => void;
}

export interface Wire {
  close(): void;
  /**
   * Gives the connection a fresh token of the same user.
   *
   * @returns whether it was taken; `undefined` where a refusal would end the connection.
   */
  refresh(token: string, connectionId: string): Promise<boolean> | undefined;
  /** Changes the topics of the connection, where that needs no new one. */
  subscribe?(topics: readonly Topic[]): void;
}

/** Which transport an attempt uses. */
export interface Chooser {
  pick(): Transport;
  /** The one that was picked said hello. */
  worked(): void;
  /** It ended without a hello. */
  failed(error: InkwireError): void;
}
