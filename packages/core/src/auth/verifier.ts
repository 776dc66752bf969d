import { readIdentity } from "./claims.js";
import type { Identity } from "./identity.js";
import { verifyJwt } from "./jose.js";
import { resolveTokenVerifierOptions, type TokenVerifierOptions } from "./options.js";
import { tokenExpired, tokenInvalid, tokenMissing } from "./refused.js";
import { createRevocations } from "./revocations.js";
import { createTokenCache } from "./token-cache.js";

/** Three parts of base64url (RFC 7515 section 3.1), none of them empty: a token without a signature is none. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export interface TokenVerifier {
  /**
   * Who brings this token. Asking again with the same token is cheap until it ends.
   *
   * @throws InkwireError `token_missing` for nothing or empty text, `token_expired` for one that was good, `token_invalid`
   *   for any other, a revoked one included; `auth_unavailable` while the issuer's keys can't be read. No message holds the
   *   token or tells why.
   */
  verify(token: string | undefined): Promise<Identity>;
  /**
   * From now on refuses the token with this id (`jti`) in this process. Connections that are open with it are the
   * registry's to close.
   *
   * @param until - when the token ends by itself, in milliseconds since 1970. @default for good
   * @throws InkwireError `too_large` when `maxRevocations` is reached.
   */
  revoke(tokenId: string, until?: number): void;
}

/**
 * Checks JSON Web Tokens of one issuer: signature, end, beginning, audience, issuer, and the claims that say who it is.
 *
 * ```ts
 * const verifier = createTokenVerifier({ secret: process.env.INKWIRE_JWT_SECRET, audience: "my-app" });
 * const identity = await verifier.verify(readToken(request, { query: true }));
 * ```
 *
 * @throws InkwireError `invalid_option`
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { key, maxTokenBytes, cacheSize, cacheMaxAgeMs, isRevoked, now, ...rules } =
    resolveTokenVerifierOptions(options);
  const cache = createTokenCache(cacheSize);
  const revocations = createRevocations(rules.maxRevocations, now);
  const endOf = (identity: Identity) => identity.expiresAt + rules.clockToleranceMs;

  const identify = async (token: string): Promise<Identity> => {
    const nowMs = now();
    const known = cache.get(token, nowMs);
    if (known !== undefined) return known;
    const identity = readIdentity(await verifyJwt(token, key, rules, nowMs));
    cache.set(token, identity, Math.min(endOf(identity), nowMs + cacheMaxAgeMs));
    return identity;
  };

  return {
    async verify(token) {
      if (token === undefined || token === "") throw tokenMissing();
      if (typeof token !== "string" || token.length > maxTokenBytes || !COMPACT.test(token)) {
        throw tokenInvalid("It is not a well-formed signed token.");
      }
      const identity = await identify(token);
      // Fetching keys may have taken its time.
      if (now() >= endOf(identity)) throw tokenExpired();
      const { tokenId } = identity;
      const isRevokedElsewhere = isRevoked !== undefined && (await isRevoked(identity));
      // Last, as the other answer may have taken its time too.
      const isRevokedHere = tokenId !== undefined && revocations.has(tokenId);
      if (isRevokedElsewhere || isRevokedHere) throw tokenInvalid("It was revoked.");
      return identity;
    },
    revoke: (tokenId, until) => revocations.revoke(tokenId, until),
  };
}
