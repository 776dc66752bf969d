/** Algorithms of RFC 7518 that a shared secret signs with, and how many bytes of secret each needs. */
export const SECRET_ALGORITHMS = { HS256: 32, HS384: 48, HS512: 64 } as const;

/** Algorithms that a private key signs with and a public one verifies (RFC 7518, RFC 8037, RFC 9864). */
export const KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

export type SecretAlgorithm = keyof typeof SECRET_ALGORITHMS;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];
/** Algorithms that tokens may be signed with: by a shared secret, or by a key pair. `none` is not among them. */
export type TokenAlgorithm = SecretAlgorithm | KeyAlgorithm;

export function isSecretAlgorithm(value: unknown): value is SecretAlgorithm {
  return typeof value === "string" && Object.hasOwn(SECRET_ALGORITHMS, value);
}

export function isKeyAlgorithm(value: unknown): value is KeyAlgorithm {
  return KEY_ALGORITHMS.some((name) => name === value);
}
