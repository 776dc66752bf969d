import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { InkwireError } from "../protocol/index.js";
import {
  isKeyAlgorithm,
  isSecretAlgorithm,
  SECRET_ALGORITHMS,
  type KeyAlgorithm,
  type SecretAlgorithm,
  type TokenAlgorithm,
} from "./algorithms.js";

const MIN_RSA_BITS = 2048;

/**
 * The bytes of a shared secret. Text counts as its UTF-8.
 *
 * @throws InkwireError `invalid_option` when it is shorter than the algorithm needs (RFC 7518 section 3.2), or is a key in
 *   PEM: whoever verifies with a public key as the secret accepts tokens that anybody can sign. It is never quoted.
 */
export function readSecret(
  secret: string | Uint8Array,
  algorithms: readonly SecretAlgorithm[],
): Uint8Array<ArrayBuffer> {
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    throw invalid(`Expected secret to be text or bytes, got a value of type ${typeof secret}`);
  }
  // A copy: whoever clears or reuses the bytes changes nothing here.
  const bytes =
    typeof secret === "string" ? new TextEncoder().encode(secret) : new Uint8Array(secret);
  const min = Math.max(...algorithms.map((name) => SECRET_ALGORITHMS[name]));
  if (bytes.length < min) {
    throw invalid(
      `Expected secret to have at least ${min} bytes for ${algorithms.join(", ")}, got ${bytes.length}`,
      "`openssl rand -base64 48` makes one.",
    );
  }
  if (new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().startsWith("-----BEGIN")) {
    throw invalid("Expected secret to be a shared secret, got a key in PEM (use publicKey for it)");
  }
  return bytes;
}

/** @throws InkwireError `invalid_option` unless all of them are for a shared secret. */
export function readSecretAlgorithms(
  given: readonly TokenAlgorithm[] = ["HS256"],
): readonly SecretAlgorithm[] {
  if (given.length > 0 && given.every(isSecretAlgorithm)) return given;
  throw invalid(`Expected algorithms for a secret to be HS256, HS384 or HS512, got ${list(given)}`);
}

/** @throws InkwireError `invalid_option` unless all of them are for a public key. */
export function readKeyAlgorithms(
  given: readonly TokenAlgorithm[] = ["RS256", "ES256", "EdDSA", "Ed25519"],
): readonly KeyAlgorithm[] {
  if (given.length > 0 && given.every(isKeyAlgorithm)) return given;
  throw invalid(
    `Expected algorithms for a public key to be such as RS256, ES256 or EdDSA, got ${list(given)}`,
  );
}

/**
 * A public key and what it may verify: what was asked for, or the usual algorithms of its kind.
 *
 * @param given - PEM (`-----BEGIN PUBLIC KEY-----`), or a JWK.
 * @throws InkwireError `invalid_option` when it is none, a private or too short one, or fits none of the algorithms.
 */
export function readPublicKey(
  given: string | JsonWebKey,
  algorithms: readonly TokenAlgorithm[] | undefined,
): { readonly key: KeyObject; readonly algorithms: readonly KeyAlgorithm[] } {
  const key = parsePublicKey(given);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < MIN_RSA_BITS) {
    throw invalid(`Expected publicKey to have at least ${MIN_RSA_BITS} bits, got ${bits}`);
  }
  const fitting = algorithmsOf(key);
  const [usual] = fitting;
  if (usual === undefined) {
    throw invalid(
      `Expected publicKey to be of RSA, EC (P-256, P-384, P-521) or Ed25519, got ${key.asymmetricKeyType}`,
    );
  }
  if (algorithms === undefined) {
    return { key, algorithms: usual === "EdDSA" ? fitting : [usual] };
  }
  const asked = readKeyAlgorithms(algorithms);
  const misfit = asked.find((name) => !fitting.includes(name));
  if (misfit !== undefined) {
    throw invalid(`Expected algorithms of the public key (${fitting.join(", ")}), got ${misfit}`);
  }
  return { key, algorithms: asked };
}

function parsePublicKey(given: string | JsonWebKey): KeyObject {
  const isPrivate =
    typeof given === "string" ? given.includes("PRIVATE KEY") : given["d"] !== undefined;
  if (isPrivate) {
    throw invalid("Expected publicKey to be a public key, got a private one: it stays secret");
  }
  try {
    return createPublicKey(typeof given === "string" ? given : { key: given, format: "jwk" });
  } catch {
    throw invalid("Expected publicKey to be a public key in PEM, or a JWK");
  }
}

/** The first is the usual one. */
function algorithmsOf(key: KeyObject): readonly KeyAlgorithm[] {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    case "ed25519":
      return ["EdDSA", "Ed25519"];
    case "ec":
      return ecAlgorithms(key.asymmetricKeyDetails?.namedCurve);
    default:
      return [];
  }
}

function ecAlgorithms(curve: string | undefined): readonly KeyAlgorithm[] {
  if (curve === "prime256v1") return ["ES256"];
  if (curve === "secp384r1") return ["ES384"];
  return curve === "secp521r1" ? ["ES512"] : [];
}

function list(given: readonly unknown[]): string {
  return given.length === 0 ? "none" : given.map(String).join(", ").slice(0, 100);
}

function invalid(message: string, hint?: string): InkwireError {
  return new InkwireError("invalid_option", message, { hint });
}
