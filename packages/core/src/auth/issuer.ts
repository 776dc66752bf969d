import { randomUUID } from "node:crypto";
import { InkwireError, isTopic, type Topic } from "../protocol/index.js";
import { isScope, isUserId } from "./claims.js";
import { signJwt } from "./jose.js";
import { readSecret } from "./keys.js";

export interface TokenIssuerOptions {
  /** Shared with the verifier; at least 32 bytes. */
  readonly secret: string | Uint8Array;
  /** Becomes `iss`. @default none */
  readonly issuer?: string | undefined;
  /** Becomes `aud`. @default none */
  readonly audience?: string | readonly string[] | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Makes the token's own id. @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
}

export interface TokenRequest {
  /** 1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ | + = -`. */
  readonly userId: string;
  /** How long the token lives, in milliseconds, 1,000 to ten years; rounded up to whole seconds. @default 3_600_000 */
  readonly ttlMs?: number | undefined;
  /** Such as `admin`; words without spaces. @default none */
  readonly scopes?: readonly string[] | undefined;
  /** Topics beside the user's own and `all`. @default none */
  readonly topics?: readonly Topic[] | undefined;
}

export interface TokenIssuer {
  /** A signed token. @throws InkwireError `invalid_option` for a request that no verifier of ours would accept. */
  issue(request: TokenRequest): Promise<string>;
}

const DEFAULT_TTL_MS = 3_600_000;
const MAX_TTL_MS = 315_360_000_000;

/**
 * Makes tokens (HS256) for the command line, tests and examples. An application whose users log in elsewhere takes the
 * tokens of that place, and has its verifier check them.
 *
 * @throws InkwireError `invalid_option` for a secret that is too short.
 */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const { issuer, audience, now = Date.now, uuid = randomUUID } = options;
  const secret = readSecret(options.secret, ["HS256"]);
  return {
    async issue(request) {
      const { userId, ttlMs = DEFAULT_TTL_MS, scopes = [], topics = [] } = request;
      assertRequest(userId, ttlMs, scopes, topics);
      const issuedAt = Math.floor(now() / 1000);
      return signJwt(
        {
          sub: userId,
          iat: issuedAt,
          exp: issuedAt + Math.ceil(ttlMs / 1000),
          jti: uuid(),
          ...(issuer === undefined ? {} : { iss: issuer }),
          ...(audience === undefined ? {} : { aud: [audience].flat() }),
          ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
          ...(topics.length === 0 ? {} : { topics }),
        },
        secret,
      );
    },
  };
}

function assertRequest(
  userId: string,
  ttlMs: number,
  scopes: readonly string[],
  topics: readonly Topic[],
): void {
  if (!isUserId(userId)) {
    throw invalid("Expected userId to be 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | + = -");
  }
  if (!(ttlMs >= 1000 && ttlMs <= MAX_TTL_MS)) {
    throw invalid(`Expected ttlMs to be from 1000 to ${MAX_TTL_MS} milliseconds, got ${ttlMs}`);
  }
  if (!scopes.every(isScope)) {
    throw invalid(
      "Expected each scope to be a word of ASCII without spaces, quotes or backslashes",
    );
  }
  if (!topics.every(isTopic)) throw invalid('Expected each topic to be such as "book/7"');
}

function invalid(message: string): InkwireError {
  return new InkwireError("invalid_option", message);
}
