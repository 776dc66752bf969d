import type { Identity } from "../auth/identity.js";
import type { ConnectionCounts, ConnectionInfo } from "./types.js";

/** One process of those that serve a bus together. */
export interface NodeInfo {
  /** Its own name for itself, made anew at each start. */
  readonly id: string;
  readonly connections: number;
  readonly isSelf: boolean;
}

/** What a node does when others ask for it. */
export interface LocalNode {
  readonly size: number;
  /** Its connections now, in no order. */
  all(): Iterable<ConnectionInfo>;
  /** Ends those of a user that are not younger than `until`, in milliseconds since 1970. */
  kick(userId: string, until?: number): void;
  /** Ends those that were opened or refreshed with this token. */
  revoke(tokenId: string): void;
  /** Gives one of its connections a fresh identity. @throws InkwireError `not_found` */
  renew(connectionId: string, identity: Identity): Promise<void>;
  /** The others said that they have connections of this user: the cap is to be kept over all. */
  settle(userId: string): void;
}

/**
 * The other nodes that serve the same bus. What they have is answered at once, out of what was heard of them; what is asked
 * of them reaches each that is there, and later each that was cut off.
 */
export interface Peers {
  /** The name of this node. */
  readonly nodeId: string;
  /** All nodes that are heard of, this one included. */
  nodes(): readonly NodeInfo[];
  /** Connections and users of the others; a user who is at two of them counts once. */
  readonly counts: ConnectionCounts;
  countOf(userId: string): number;
  /** In no order. Their topics are those at the opening or the last refresh. */
  of(userId: string): readonly ConnectionInfo[];
  /** Who is connected at the others. */
  users(): Iterable<string>;
  kick(userId: string): void;
  /** @param until - when the token ends by itself, in milliseconds since 1970. */
  revoke(tokenId: string, until: number | undefined): void;
  isRevoked(tokenId: string): boolean;
  /** @throws InkwireError `not_found` where no node has it, or it is another user's; `storage_failed` when no node answers. */
  renew(connectionId: string, identity: Identity): Promise<void>;
  /** One of this node's has opened, was refreshed, or has ended. */
  tell(connection: ConnectionInfo, isOpen: boolean): void;
  /** Begins to tell and to hear. Resolves when all that is there is known. */
  join(local: LocalNode): Promise<void>;
  /** Takes this node out of the others' sight. Can be called twice. */
  leave(): Promise<void>;
}
