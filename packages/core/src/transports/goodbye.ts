import {
  refusals,
  type ControlMessage,
  type GoodbyeReason,
  type RefusalCode,
} from "../protocol/index.js";
import type { CloseReason } from "./types.js";

/** How a connection is told that it ends. */
export interface Goodbye {
  readonly says: GoodbyeReason;
  /** The refusal whose close code a WebSocket gets. */
  readonly code: RefusalCode;
  readonly reconnect: boolean;
}

/** Each way in which the server ends a connection with a word (docs/protocol.md, "Goodbye"). */
export const goodbyes = {
  drain: { says: "drain", code: "draining", reconnect: true },
  // An old connection is given up as a server is: come back, nothing is wrong.
  rotated: { says: "drain", code: "draining", reconnect: true },
  expired: { says: "expired", code: "token_expired", reconnect: true },
  slow: { says: "slow", code: "slow_consumer", reconnect: true },
  replaced: { says: "replaced", code: "replaced", reconnect: false },
  revoked: { says: "revoked", code: "token_invalid", reconnect: false },
} as const satisfies Readonly<Partial<Record<CloseReason, Goodbye>>>;

export type GoodbyeKind = keyof typeof goodbyes;

/** For a client that must not come back and does it by itself: longer than any timer of 32 bits could wait is no wait at all. */
const NEVER_MS = 2_000_000_000;

export function goodbyeMessage(
  { says, reconnect }: Goodbye,
  reconnectMs: number,
  nowMs: number,
): ControlMessage<"wire.goodbye"> {
  return {
    type: "wire.goodbye",
    time: new Date(nowMs).toISOString(),
    data: { reason: says, reconnect, reconnect_ms: reconnectMs },
  };
}

/** What `retry:` says beside a goodbye. */
export function retryOf({ reconnect }: Goodbye, reconnectMs: number): number {
  return reconnect ? reconnectMs : NEVER_MS;
}

export function closeCodeOf(code: RefusalCode): number {
  const row = refusals[code];
  return "close" in row ? row.close : refusals.bad_request.close;
}
