import type { Identity } from "../auth/identity.js";
import { tokenInvalid } from "../auth/refused.js";
import { InkwireError } from "../protocol/index.js";
import { draining, sortByRight, tooManyConnections, type Admission } from "./admission.js";
import { Connection } from "./connection.js";
import { isoOf } from "./control-message.js";
import type { Hub } from "./hub.js";
import type { Wire } from "./wire.js";

/** Who is refused for a full house may try again after about this. */
const FULL_RETRY_MS = 5_000;

/** Lets connections in within the caps, and renews what they may. */
export class Doorman {
  readonly #hub: Hub;
  readonly #drainRetryMs: () => number | undefined;

  /** @param drainRetryMs - when to come back, while the server drains. */
  constructor(hub: Hub, drainRetryMs: () => number | undefined) {
    this.#hub = hub;
    this.#drainRetryMs = drainRetryMs;
  }

  /** @throws InkwireError `draining` */
  checkOpen(): void {
    const retryMs = this.#drainRetryMs();
    if (retryMs !== undefined) throw draining(retryMs);
  }

  /**
   * Makes room for one more of this user.
   *
   * @throws InkwireError `draining`, `too_many_connections`, `token_invalid`
   */
  makeRoom({ userId, tokenId }: Identity): void {
    this.checkOpen();
    this.#checkToken(tokenId);
    const { registry, options } = this.#hub;
    const { maxConnections, maxConnectionsPerUser, replacesOldest, peers } = options;
    const here = registry.countOf(userId);
    // With the oldest replaced, one too many over all nodes is ended by the node that has it: see `settle`.
    const elsewhere = replacesOldest ? 0 : (peers?.countOf(userId) ?? 0);
    const isUserFull = here + elsewhere >= maxConnectionsPerUser;
    if (isUserFull && replacesOldest) registry.of(userId)[0]?.say("replaced", 0);
    else if (isUserFull || registry.size >= maxConnections) {
      throw tooManyConnections(FULL_RETRY_MS * (1 + options.random()));
    }
  }

  /**
   * Keeps the cap of a user over all nodes, once another one has told of a connection. Each node sees the same order and ends
   * its own of those that are too many: the oldest, or, where the newest are refused, the few that two nodes let in at the
   * same moment; those are told to come back, and are refused then like any other.
   */
  settle(userId: string): void {
    const { registry, options } = this.#hub;
    const { maxConnectionsPerUser, replacesOldest, peers } = options;
    const own = registry.of(userId);
    if (peers === undefined || own.length === 0) return;
    const tooMany = own.length + peers.countOf(userId) - maxConnectionsPerUser;
    if (tooMany <= 0) return;
    const all = [...own, ...peers.of(userId)].toSorted(byAge);
    const leaving = new Set((replacesOldest ? all : all.toReversed()).slice(0, tooMany));
    for (const connection of own) {
      if (!leaving.has(connection)) continue;
      if (replacesOldest) connection.say("replaced", 0);
      else connection.say("drain", FULL_RETRY_MS * (1 + options.random()));
    }
  }

  /** Opens a connection on a wire, in the room that was made: between the two nothing may be waited for. */
  letIn(wire: Wire, { identity }: Admission): Connection {
    return new Connection(this.#hub, wire, this.#hub.options.uuid(), identity);
  }

  /**
   * Gives a connection the fresh identity of the same user. Topics that it no longer allows are dropped, and named.
   *
   * @throws InkwireError `not_found` for another user's, `token_invalid` for one that was revoked meanwhile.
   */
  async renew(connection: Connection, identity: Identity): Promise<void> {
    const { canSubscribe, onEvent } = this.#hub.options;
    if (connection.userId !== identity.userId || !connection.isOpen) throw notFound();
    const { refused } = await sortByRight(identity, [...connection.topics], canSubscribe);
    if (!connection.isOpen) throw notFound();
    this.#checkToken(identity.tokenId);
    connection.identity = identity;
    connection.wasWarned = false;
    connection.control("wire.refreshed", { expires_at: isoOf(identity.expiresAt) });
    if (refused.length > 0) {
      connection.removeTopics(refused);
      connection.control("wire.topics", { topics: [...connection.topics], refused });
    }
    onEvent({ kind: "refreshed", connection: connection.info() });
  }

  /** It was good when it was verified, which may be a while ago: whose topics they are is asked of others. */
  #checkToken(tokenId: string | undefined): void {
    if (this.#hub.revokedLately.has(tokenId)) throw tokenInvalid("It was revoked.");
  }
}

interface Aged {
  readonly id: string;
  readonly openedAt: number;
}

/** The oldest first, in the same order on all nodes. */
function byAge(a: Aged, b: Aged): number {
  return a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1);
}

/** The same words whether there is no such connection or it is another's. */
export function notFound(): InkwireError {
  return new InkwireError("not_found", "There is no such connection.");
}
