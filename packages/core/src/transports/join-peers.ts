import type { Peers } from "./peers.js";
import type { Connections, Gateway } from "./types.js";

/**
 * Makes the connections of a gateway those of all nodes: what it has is told to the others, and what is asked of it counts for
 * theirs too. Its own are known to the moment, those of others as they were heard of.
 *
 * `onOpen` and `onClose` tell of its own alone: each is told at exactly one node.
 */
export async function joinPeers(
  { connections: here, local }: Pick<Gateway, "connections" | "local">,
  peers: Peers,
): Promise<Connections> {
  here.onOpen((connection) => peers.tell(connection, true));
  here.onClose((connection) => peers.tell(connection, false));
  await peers.join(local);
  return {
    get counts() {
      const own = here.counts;
      const others = peers.counts;
      let users = own.users;
      for (const userId of peers.users()) if (!here.isUserConnected(userId)) users += 1;
      return {
        total: own.total + others.total,
        sse: own.sse + others.sse,
        websocket: own.websocket + others.websocket,
        users,
      };
    },
    isUserConnected: (userId) => here.isUserConnected(userId) || peers.countOf(userId) > 0,
    of: (userId) =>
      [...here.of(userId), ...peers.of(userId)].toSorted((a, b) => a.openedAt - b.openedAt),
    kick(userId) {
      const others = peers.countOf(userId);
      peers.kick(userId);
      return here.kick(userId) + others;
    },
    revoke(tokenId, until) {
      peers.revoke(tokenId, until);
      return here.revoke(tokenId);
    },
    onOpen: (listener) => here.onOpen(listener),
    onClose: (listener) => here.onClose(listener),
  };
}
