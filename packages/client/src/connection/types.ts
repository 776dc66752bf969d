import type { ControlMessage, Cursor, InkwireError, Message, Topic } from "@inkwire/core/protocol";
import type { ConnectionState } from "../types.js";

/** What arrives: messages, and those of the protocol itself. Its shape was checked; the data of a message was not. */
export type Frame = Message | ControlMessage;

/**
 * One way to get frames: straight from the server, or from another tab that has the connection. It owns no cursor: each
 * client tells from where it wants to resume and sorts out what it has already, so a relay may send everything to all.
 */
export interface Connection {
  /** Begins, or tries at once when it is waiting. Does nothing when it is up. */
  readonly open: () => void;
  /** Ends it. `open()` begins again. */
  readonly close: () => void;
  /** Read `host.topics()` and `host.auth.userId` again: one of them has changed. */
  readonly update: () => void;
}

/** What a connection needs of its client. */
export interface ConnectionHost {
  readonly auth: Auth;
  /** All topics beyond `user/<id>` and `all` that are wanted now, sorted. */
  topics(): readonly Topic[];
  /** The last id that this client has as `userId`. */
  cursor(userId: string | undefined): Cursor | undefined;
  /**
   * In the order of the wire, `wire.hello` first on each connection; `userId` is whose stream it is.
   *
   * @returns whether all that was missed has arrived.
   * @throws InkwireError `invalid_cursor` for a frame that can't be of this history: the connection must end.
   */
  receive(frame: Frame, userId: string | undefined): boolean;
  report(state: ConnectionState): void;
  problem(error: InkwireError): void;
  /** Told of text that is no frame. */
  malformed(text: string): void;
}

/** Tokens: one question at a time, however many ask. */
export interface Auth {
  /** Of the newest token. */
  readonly userId: string | undefined;
  /**
   * The current token, or a fresh one.
   *
   * @throws InkwireError `token_unavailable` when the function throws or hangs, `token_missing` when it gives none.
   */
  token(refresh: boolean): Promise<Token>;
}

export interface Token {
  readonly text: string;
  /** Its `sub`, where it is a JWT that can be read. */
  readonly userId: string | undefined;
}

/** Makes the connection of a client. What shares one between tabs takes such a function and is one. */
export type ConnectionFactory = (host: ConnectionHost) => Connection;
