import { hash } from "node:crypto";
import { isUserId } from "../auth/claims.js";
import { InkwireError } from "../protocol/index.js";

/**
 * Where a user's records lie. A user's id may be any other system's, and a key may not: so it is hashed.
 *
 * @throws InkwireError `invalid_request` for what is no user's id; it is not quoted.
 */
export function userKey(userId: string): string {
  if (isUserId(userId)) return hash("sha256", userId, "hex").slice(0, 32);
  throw new InkwireError(
    "invalid_request",
    "Expected a user id of 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ | + = -",
  );
}
