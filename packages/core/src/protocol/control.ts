import type { Cursor } from "./cursor.js";
import type { Topic } from "./topic.js";

/**
 * What a connection is told about its cursor: nothing was asked for (`fresh`), everything since is delivered
 * (`recovered`), some of it is gone for the topics named (`gap`), or the cursor is of another epoch (`reset`).
 */
export type ResumeVerdict = "fresh" | "recovered" | "gap" | "reset";

/** Why the server closes a connection. */
export type GoodbyeReason = "drain" | "expired" | "replaced" | "slow" | "revoked";

/** The data of each control message, by type (docs/protocol.md, "Control messages"). */
export interface ControlData {
  readonly "wire.hello": {
    readonly connection_id: string;
    readonly resume: ResumeVerdict;
    readonly gaps: readonly Topic[];
    readonly replayed: number;
    readonly heartbeat_ms: number;
    readonly expires_at?: string;
    readonly now: string;
  };
  readonly "wire.heartbeat": { readonly now: string };
  readonly "wire.expiring": { readonly expires_at: string };
  /** WebSocket only: the answer to `wire.ping`. */
  readonly "wire.pong": { readonly now: string };
  /** WebSocket only: the answer to `wire.subscribe` and `wire.unsubscribe`, all topics of the connection now. */
  readonly "wire.topics": { readonly topics: readonly Topic[]; readonly refused: readonly Topic[] };
  /** The connection's token was replaced by a fresh one. */
  readonly "wire.refreshed": { readonly expires_at: string };
  readonly "wire.goodbye": {
    readonly reason: GoodbyeReason;
    readonly reconnect: boolean;
    readonly reconnect_ms: number;
  };
}

/** The types that belong to the protocol; publishing one is refused. */
export type ControlType = keyof ControlData;

/** A message of the protocol itself: it has no topic, and where it has an `id` that is the head of the history. */
export type ControlMessage<T extends ControlType = ControlType> = {
  readonly [K in T]: {
    readonly id?: Cursor;
    readonly type: K;
    readonly time: string;
    readonly data: ControlData[K];
  };
}[T];

const CONTROL_TYPES: ReadonlySet<string> = new Set<ControlType>([
  "wire.hello",
  "wire.heartbeat",
  "wire.expiring",
  "wire.pong",
  "wire.topics",
  "wire.refreshed",
  "wire.goodbye",
]);

/** Whether a type is one of the protocol's own that this version knows. */
export function isControlType(type: string): type is ControlType {
  return CONTROL_TYPES.has(type);
}
