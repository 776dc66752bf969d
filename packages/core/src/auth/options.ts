import type { JsonWebKey } from "node:crypto";
import { InkwireError } from "../protocol/index.js";
import type { TokenAlgorithm } from "./algorithms.js";
import type { Identity } from "./identity.js";
import { createSecretKeys, type VerificationKey } from "./jose.js";
import { readKeyAlgorithms, readPublicKey, readSecret, readSecretAlgorithms } from "./keys.js";
import { KEY_SET_DEFAULTS, openKeySet, type KeySetOptions } from "./remote-keys.js";

/** How tokens are checked. Exactly one of `secret`, `publicKey` and `jwksUrl` is given. */
export interface TokenVerifierOptions {
  /** Shared with whoever issues tokens; at least 32 bytes for HS256. */
  readonly secret?: string | Uint8Array | undefined;
  /** The issuer's public key: PEM, or a JWK. */
  readonly publicKey?: string | JsonWebKey | undefined;
  /** Where the issuer publishes its keys (JWKS); `https:`, or `http:` on this machine. */
  readonly jwksUrl?: string | URL | undefined;
  /** How `jwksUrl` is fetched. */
  readonly keySet?: KeySetOptions | undefined;
  /**
   * The algorithms that count, whatever a token says of itself. Those of secrets (HS…) and of keys are never mixed, so a
   * public key can't be used as a secret. @default HS256 for a secret, the key's usual one, RS256 ES256 EdDSA for a JWKS
   */
  readonly algorithms?: readonly TokenAlgorithm[] | undefined;
  /** One of these must be among the token's `aud`. @default not checked */
  readonly audience?: string | readonly string[] | undefined;
  /** The token's `iss` must be one of these. @default not checked */
  readonly issuer?: string | readonly string[] | undefined;
  /** How far the issuer's clock may differ, in milliseconds, 0 to 300,000. @default 5_000 */
  readonly clockToleranceMs?: number | undefined;
  /** Longer tokens are refused unread, in bytes. @default 8_192 */
  readonly maxTokenBytes?: number | undefined;
  /** How many verified tokens are remembered; `null`: none. @default 10_000 */
  readonly cacheSize?: number | null | undefined;
  /** How many token ids may be revoked at once. @default 100_000 */
  readonly maxRevocations?: number | undefined;
  /** A revocation list kept elsewhere; asked at each use, also of a remembered token. @default none */
  readonly isRevoked?: ((identity: Identity) => boolean | Promise<boolean>) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

export const TOKEN_VERIFIER_DEFAULTS = {
  clockToleranceMs: 5_000,
  maxTokenBytes: 8_192,
  cacheSize: 10_000,
  maxRevocations: 100_000,
} as const;

const BOUNDS = {
  // A difference above this is no difference of clocks, but tokens without an end.
  clockToleranceMs: [0, 300_000],
  maxTokenBytes: [256, 1_048_576],
  cacheSize: [0, 10_000_000],
  maxRevocations: [1, 10_000_000],
} as const;

export interface ResolvedTokenVerifierOptions {
  readonly key: VerificationKey;
  readonly algorithms: readonly TokenAlgorithm[];
  readonly audience: string | readonly string[] | undefined;
  readonly issuer: string | readonly string[] | undefined;
  readonly clockToleranceMs: number;
  readonly maxTokenBytes: number;
  readonly cacheSize: number;
  /** How long a verified token is remembered at most: no longer than the keys that verified it. */
  readonly cacheMaxAgeMs: number;
  readonly maxRevocations: number;
  readonly isRevoked: ((identity: Identity) => boolean | Promise<boolean>) | undefined;
  readonly now: () => number;
}

/** @throws InkwireError `invalid_option`; no message holds the secret. */
export function resolveTokenVerifierOptions(
  options: TokenVerifierOptions,
): ResolvedTokenVerifierOptions {
  const { jwksUrl, keySet, cacheSize, isRevoked, now = Date.now } = options;
  return {
    ...resolveKey(options, now),
    audience: readNames("audience", options.audience),
    issuer: readNames("issuer", options.issuer),
    clockToleranceMs: readCount("clockToleranceMs", options.clockToleranceMs),
    maxTokenBytes: readCount("maxTokenBytes", options.maxTokenBytes),
    cacheSize: readCount("cacheSize", cacheSize === null ? 0 : cacheSize),
    cacheMaxAgeMs:
      jwksUrl === undefined ? Infinity : (keySet?.maxAgeMs ?? KEY_SET_DEFAULTS.maxAgeMs),
    maxRevocations: readCount("maxRevocations", options.maxRevocations),
    isRevoked,
    now,
  };
}

function resolveKey(
  { secret, publicKey, jwksUrl, keySet = {}, algorithms }: TokenVerifierOptions,
  now: () => number,
): Pick<ResolvedTokenVerifierOptions, "key" | "algorithms"> {
  const given = [secret, publicKey, jwksUrl].filter((way) => way !== undefined).length;
  if (given !== 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected exactly one of secret, publicKey and jwksUrl, got ${given}`,
    );
  }
  if (secret !== undefined) {
    const names = readSecretAlgorithms(algorithms);
    return { key: createSecretKeys(readSecret(secret, names)), algorithms: names };
  }
  if (publicKey !== undefined) return readPublicKey(publicKey, algorithms);
  return { key: openKeySet(jwksUrl ?? "", keySet, now), algorithms: readKeyAlgorithms(algorithms) };
}

/** An empty name, mostly a variable that is not set, would look like a check and be none. */
function readNames(
  option: string,
  given: string | readonly string[] | undefined,
): string | readonly string[] | undefined {
  if (given === undefined) return undefined;
  const all: readonly unknown[] = [given].flat();
  if (all.length > 0 && all.every((name) => typeof name === "string" && name !== "")) return given;
  throw new InkwireError(
    "invalid_option",
    `Expected ${option} to be one or more names, got ${JSON.stringify(given)}`,
  );
}

function readCount(option: keyof typeof BOUNDS, given: number | undefined): number {
  const value = given ?? TOKEN_VERIFIER_DEFAULTS[option];
  const [min, max] = BOUNDS[option];
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new InkwireError(
    "invalid_option",
    `Expected ${option} to be a whole number from ${min} to ${max}, got ${String(value)}`,
  );
}
