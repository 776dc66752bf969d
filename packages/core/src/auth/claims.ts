import { isTopic, type InkwireError, type Topic } from "../protocol/index.js";
import type { Identity } from "./identity.js";
import type { Claims } from "./jose.js";
import { tokenInvalid } from "./refused.js";

/** The last moment that a Date can hold (ECMA-262 section 21.4.1.1). */
const MAX_TIME_MS = 8_640_000_000_000_000;
const MAX_TOKEN_ID = 256;
/** A scope token of RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

// Most tokens have neither; thousands of connections share these.
const NO_SCOPES: ReadonlySet<string> = new Set();
const NO_TOPICS: readonly Topic[] = Object.freeze([]);

/** Whether `value` may be a user's id: 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ | + = -`. */
export function isUserId(value: unknown): value is string {
  return typeof value === "string" && isTopic(`user/${value}`);
}

export function isScope(value: unknown): value is string {
  return typeof value === "string" && SCOPE.test(value);
}

/**
 * Reads who it is out of verified claims: `sub`, `exp`, and if there, `scope` (words separated by a space), `topics` and
 * `jti`. A claim of the wrong type refuses the token; nothing is guessed.
 *
 * @throws InkwireError `token_invalid`
 */
export function readIdentity(claims: Claims): Identity {
  const { sub, exp, jti, scope, topics } = claims;
  if (!isUserId(sub)) throw misfit("sub");
  if (typeof exp !== "number" || !(exp * 1000 <= MAX_TIME_MS)) throw misfit("exp");
  if (jti !== undefined && !(typeof jti === "string" && jti !== "" && jti.length <= MAX_TOKEN_ID)) {
    throw misfit("jti");
  }
  return Object.freeze({
    userId: sub,
    scopes: readScopes(scope),
    topics: readTopics(topics),
    expiresAt: Math.floor(exp * 1000),
    ...(jti === undefined ? {} : { tokenId: jti }),
  });
}

function readScopes(scope: unknown): ReadonlySet<string> {
  if (scope === undefined || scope === "") return NO_SCOPES;
  if (typeof scope !== "string") throw misfit("scope");
  const scopes = scope.split(" ");
  if (!scopes.every(isScope)) throw misfit("scope");
  return new Set(scopes);
}

function readTopics(topics: unknown): readonly Topic[] {
  if (topics === undefined) return NO_TOPICS;
  if (!Array.isArray(topics) || !topics.every(isTopic)) throw misfit("topics");
  return topics.length === 0 ? NO_TOPICS : Object.freeze([...new Set<Topic>(topics)]);
}

function misfit(claim: string): InkwireError {
  return tokenInvalid(`Its claim "${claim}" is missing or not as expected.`);
}
