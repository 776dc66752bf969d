import { tokenInvalid } from "../auth/refused.js";
import { createRevocations } from "../auth/revocations.js";
import type { TokenVerifier } from "../auth/verifier.js";
import type { Connections } from "../transports/types.js";

/** How many ids of tokens are kept at most. */
const MAX_REVOKED = 100_000;

/** Refuses tokens whose id was revoked, whatever else the verifier says. */
export function revocableVerifier(
  verifier: Pick<TokenVerifier, "verify">,
  isRevoked: (tokenId: string) => boolean,
): Pick<TokenVerifier, "verify"> {
  return {
    async verify(token) {
      const identity = await verifier.verify(token);
      const { tokenId } = identity;
      if (tokenId !== undefined && isRevoked(tokenId)) throw tokenInvalid("It was revoked.");
      return identity;
    },
  };
}

/** The list of revoked ids of a server that shares it with nobody. */
export function createOwnRevocations(now: () => number): {
  readonly isRevoked: (tokenId: string) => boolean;
  /** Connections that also refuse the tokens that they revoke. */
  readonly guard: (connections: Connections) => Connections;
} {
  const revocations = createRevocations(MAX_REVOKED, now);
  return {
    isRevoked: (tokenId) => revocations.has(tokenId),
    guard: (connections) => ({
      get counts() {
        return connections.counts;
      },
      isUserConnected: (userId) => connections.isUserConnected(userId),
      of: (userId) => connections.of(userId),
      kick: (userId) => connections.kick(userId),
      revoke(tokenId, until) {
        revocations.revoke(tokenId, until);
        return connections.revoke(tokenId);
      },
      onOpen: (listener) => connections.onOpen(listener),
      onClose: (listener) => connections.onClose(listener),
    }),
  };
}
