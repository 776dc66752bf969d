import type { Identity } from "../auth/identity.js";
import { ALL, userTopic, type Topic } from "../protocol/index.js";
import type { ConnectionInfo } from "../transports/types.js";

/** What nodes say to each other on their channel, as JSON with a field `is`. A newer node may say more, which is passed over. */
export type NodeWord =
  | {
      readonly is: "delta";
      readonly node: string;
      readonly from: number;
      readonly to: number;
      readonly opened: readonly PackedConnection[];
      readonly closed: readonly string[];
    }
  | { readonly is: "gone"; readonly node: string }
  | { readonly is: "order"; readonly id: string; readonly order: Order }
  | {
      readonly is: "renew";
      readonly to: string;
      readonly from: string;
      readonly call: string;
      readonly connection: string;
      readonly identity: PackedIdentity;
    }
  | { readonly is: "renewed"; readonly to: string; readonly call: string; readonly code?: string };

/** What all nodes do, those included that are cut off at the moment. */
export type Order =
  | { readonly kick: string }
  | { readonly revoke: string; readonly until: number | null };

export function parseWord(text: string): NodeWord | undefined {
  try {
    const word = JSON.parse(text) as NodeWord | null;
    return typeof word === "object" && word !== null && typeof word.is === "string"
      ? word
      : undefined;
  } catch {
    return undefined;
  }
}

/** A connection as it lies in Redis: few bytes, since there may be many. */
export type PackedConnection = readonly [
  id: string,
  userId: string,
  transport: "s" | "w",
  openedAt: number,
  expiresAt: number,
  /** Without those that every connection has. */
  topics: readonly Topic[],
];

export function packConnection(connection: ConnectionInfo): PackedConnection {
  const { id, userId, transport, openedAt, expiresAt, topics } = connection;
  const own = userTopic(userId);
  const more = topics.filter((topic) => topic !== ALL && topic !== own);
  return [id, userId, transport === "sse" ? "s" : "w", openedAt, expiresAt, more];
}

export function unpackConnection(packed: PackedConnection): ConnectionInfo {
  const [id, userId, transport, openedAt, expiresAt, more] = packed;
  return {
    id,
    userId,
    transport: transport === "s" ? "sse" : "websocket",
    topics: [userTopic(userId), ALL, ...more],
    openedAt,
    expiresAt,
  };
}

/** An identity that was verified: no token is in it. */
export type PackedIdentity = Omit<Identity, "scopes"> & { readonly scopes: readonly string[] };

export function packIdentity(identity: Identity): PackedIdentity {
  return { ...identity, scopes: [...identity.scopes] };
}

export function unpackIdentity(packed: PackedIdentity): Identity {
  return { ...packed, scopes: new Set(packed.scopes) };
}
