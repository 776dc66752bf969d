import { createHmac, sign, type KeyObject } from "node:crypto";
import { expect } from "vitest";
import type { ErrorCode, InkwireError } from "../../../src/protocol/index.js";

/** 32 bytes: the shortest that is allowed. */
export const SECRET = "0123456789abcdef0123456789abcdef";
/** 2026-01-01, where the tests' clock stands, in seconds. */
export const NOW = Date.UTC(2026, 0, 1) / 1000;
export const nowMs = () => NOW * 1000;

export const base64url = (text: string | Uint8Array): string =>
  Buffer.from(text).toString("base64url");

/** What a good token says; `undefined` takes a claim away. */
export function goodClaims(changes: Readonly<Record<string, unknown>> = {}): Claims {
  return { sub: "42", exp: NOW + 600, ...changes };
}

type Claims = Readonly<Record<string, unknown>>;

/** A token with any header and any text as its claims, signed with HMAC whatever the header says. */
export function forge(
  claims: Claims | string,
  header: Claims = { alg: "HS256" },
  secret: string | Uint8Array = SECRET,
): string {
  const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
  const signed = `${base64url(JSON.stringify(header))}.${base64url(payload)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** A token signed with RS256 or EdDSA, by the kind of key. */
export function signWith(key: KeyObject, claims = goodClaims(), header: Claims = {}): string {
  const isRsa = key.asymmetricKeyType === "rsa";
  const head = { alg: isRsa ? "RS256" : "EdDSA", ...header };
  const signed = `${base64url(JSON.stringify(head))}.${base64url(JSON.stringify(claims))}`;
  return `${signed}.${base64url(sign(isRsa ? "sha256" : null, Buffer.from(signed), key))}`;
}

const MESSAGES: Readonly<Partial<Record<ErrorCode, string>>> = {
  token_missing: "A token is needed.",
  token_invalid: "The token is not valid.",
  token_expired: "The token has expired.",
  auth_unavailable: "Tokens can't be checked at the moment.",
};

/** Expects a refusal with this code that says nothing but its fixed sentence, and carries nothing of the token. */
export async function expectRefusal(
  verified: Promise<unknown>,
  code: ErrorCode,
  token = "",
): Promise<void> {
  const error = (await verified.then(
    () => expect.fail(`expected ${code}, but the token was accepted`),
    (thrown: unknown) => thrown,
  )) as InkwireError;
  expect(error.code).toBe(code);
  expect(error.message).toBe(MESSAGES[code]);
  expect(error.cause).toBeUndefined();
  for (const part of token.split(".").filter((piece) => piece.length > 3)) {
    expect(`${error.stack} ${error.hint}`).not.toContain(part);
  }
}
