import type { KeyObject } from "node:crypto";
import type { CryptoKey, JWTPayload, JWTVerifyGetKey, JWTVerifyOptions } from "jose";
import type { TokenAlgorithm } from "./algorithms.js";
import { tokenExpired, tokenInvalid } from "./refused.js";

/** What a token says; everything in it is the issuer's word, and yet to be looked at. */
export type Claims = Readonly<Record<string, unknown>>;

/** Something that verifies signatures: a public key, or what finds the key for a token. */
export type VerificationKey = KeyObject | JWTVerifyGetKey;

export interface ClaimRules {
  readonly algorithms: readonly TokenAlgorithm[];
  readonly audience: string | readonly string[] | undefined;
  readonly issuer: string | readonly string[] | undefined;
  readonly clockToleranceMs: number;
}

// jose takes longer to load than all the rest of this package, and most who load that verify nothing.
const loadJose = () => import("jose");
type Jose = Awaited<ReturnType<typeof loadJose>>;

/**
 * Checks a compact JWT: an allowed algorithm, the signature, then `exp`, `nbf`, `aud` and `iss`.
 *
 * @param nowMs - milliseconds since 1970.
 * @throws InkwireError `token_invalid`, `token_expired`, or what a remote key set rejects with.
 */
export async function verifyJwt(
  token: string,
  key: VerificationKey,
  rules: ClaimRules,
  nowMs: number,
): Promise<Claims> {
  const options: JWTVerifyOptions = {
    algorithms: [...rules.algorithms],
    requiredClaims: ["exp", "sub"],
    clockTolerance: rules.clockToleranceMs / 1000,
    currentDate: new Date(nowMs),
    ...(rules.audience === undefined ? {} : { audience: [rules.audience].flat() }),
    ...(rules.issuer === undefined ? {} : { issuer: [rules.issuer].flat() }),
  };
  const jose = await loadJose();
  try {
    return (await jose.jwtVerify(token, key, options)).payload;
  } catch (error) {
    // Keys without ids, as in some rotations: whichever fits is the one.
    if (error instanceof jose.errors.JWKSMultipleMatchingKeys) {
      return await verifyWithAny(jose, token, error, options);
    }
    throw toRefusal(jose.errors, error);
  }
}

async function verifyWithAny(
  { errors, jwtVerify }: Jose,
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: JWTVerifyOptions,
): Promise<Claims> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw toRefusal(errors, error);
    }
  }
  throw tokenInvalid("No key of the key set has signed it.");
}

/** jose's errors carry the claims, and sometimes words of the token: only their kind goes on. */
function toRefusal(errors: Jose["errors"], error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return tokenExpired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return tokenInvalid(`Its claim "${error.claim}" is missing or not as expected.`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return tokenInvalid("Its algorithm is not among the allowed ones.");
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return tokenInvalid("Its signature does not fit the key.");
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return tokenInvalid("No key of the key set fits it.");
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return tokenInvalid("It is not a well-formed signed token.");
  }
  return error;
}

/** A shared secret as keys that are made once for each algorithm; from bytes jose makes one for each token, at twice the cost. */
export function createSecretKeys(secret: Uint8Array<ArrayBuffer>): JWTVerifyGetKey {
  const keys = new Map<string, Promise<CryptoKey>>();
  return ({ alg }) => {
    // Only an allowed algorithm comes here, and its name ends in the bits of its hash.
    const key =
      keys.get(alg) ??
      crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: `SHA-${alg.slice(2)}` }, false, [
        "verify",
      ]);
    keys.set(alg, key);
    return key;
  };
}

export interface RemoteKeysOptions {
  readonly timeoutMs: number;
  readonly cooldownMs: number;
  readonly maxAgeMs: number;
  /** Fetches the key set. What it rejects with, whoever verifies gets. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** The keys of a JWKS (RFC 7517): fetched when first needed, when too old, and for an unknown key id after the cooldown. */
export function createRemoteKeys(url: URL, options: RemoteKeysOptions): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const open = async (): Promise<JWTVerifyGetKey> => {
    const { createRemoteJWKSet, customFetch } = await loadJose();
    return createRemoteJWKSet(url, {
      timeoutDuration: options.timeoutMs,
      cooldownDuration: options.cooldownMs,
      cacheMaxAge: options.maxAgeMs,
      [customFetch]: options.fetch,
    });
  };
  return async (header, token) => (await (keys ??= open()))(header, token);
}

/** Signs claims with HS256. */
export async function signJwt(claims: JWTPayload, secret: Uint8Array): Promise<string> {
  const { SignJWT } = await loadJose();
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret);
}
