import { InkwireError } from "../protocol/index.js";

/** Ids of tokens that no longer count although they have not ended. */
export interface Revocations {
  /**
   * @param until - when the token ends by itself, in milliseconds since 1970; its id may be forgotten then. Without it the
   *   id is kept as long as this list.
   * @throws InkwireError `too_large` when the list is full: a revocation is refused loudly, never dropped.
   */
  revoke(tokenId: string, until?: number): void;
  has(tokenId: string): boolean;
}

/** @param maxEntries - how many ids at most. */
export function createRevocations(maxEntries: number, now: () => number): Revocations {
  const untilOf = new Map<string, number>();
  const forgetEnded = () => {
    for (const [tokenId, until] of untilOf) if (until <= now()) untilOf.delete(tokenId);
  };
  return {
    revoke(tokenId, until = Infinity) {
      if (untilOf.size >= maxEntries) forgetEnded();
      if (untilOf.size >= maxEntries && !untilOf.has(tokenId)) {
        throw new InkwireError("too_large", `The list of revoked tokens is full (${maxEntries}).`, {
          hint: "Change the secret: that ends all tokens. Tokens with a short life need no long list.",
        });
      }
      untilOf.set(tokenId, Math.max(until, untilOf.get(tokenId) ?? until));
    },
    has: (tokenId) => untilOf.has(tokenId),
  };
}
