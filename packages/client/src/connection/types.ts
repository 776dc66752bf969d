import type { ControlMessage, Cursor, InkwireError, Message, Topic } from "@inkwire/core/protocol";
import type { ConnectionState } from "../types.js";

/** What arrives: messages, and those of the protocol itself. */
export type Frame = Message | ControlMessage;

/**
 * One way to get frames of the current user: straight from the server, or from another tab that has the connection.
 * It owns no cursor: each client tells from where it wants to resume, and sorts out what it has already
 * (so a relay may send everything to everybody).
 */
export interface Connection {
  /** Begins, or tries at once when it is waiting. Does nothing when it is up. */
  open(): void;
  /** Ends it. `open()` begins again. */
  close(): void;
  /** The wanted topics have changed: read `host.topics()` again. */
  topicsChanged(): void;
}

/** What a connection needs of its client. */
export interface ConnectionHost {
  /** All topics beyond `user/<id>` and `all` that are wanted now, sorted. */
  topics(): readonly Topic[];
  /** The last id that this client has of `userId`. */
  cursor(userId: string | undefined): Cursor | undefined;
  /** In the order of the wire; `wire.hello` first on each connection. */
  receive(frame: Frame): void;
  report(state: ConnectionState): void;
  problem(error: InkwireError): void;
  readonly auth: Auth;
}

/** Tokens: one question at a time, however many ask. */
export interface Auth {
  /**
   * The current token, or a fresh one.
   *
   * @throws InkwireError `token_unavailable` when the function throws, hangs, or gives back no token.
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
