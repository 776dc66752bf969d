import { InkwireError } from "../protocol/index.js";

/**
 * The ways a token is refused. Each message is fixed: it holds neither the token nor anything out of it, nor why it was
 * refused, which would help whoever forges one. The `hint` tells the operator, and never crosses the wire.
 */
export function tokenMissing(): InkwireError {
  return new InkwireError("token_missing", "A token is needed.");
}

export function tokenInvalid(hint: string): InkwireError {
  return new InkwireError("token_invalid", "The token is not valid.", { hint });
}

/** The one refusal that a client answers with a fresh token. */
export function tokenExpired(): InkwireError {
  return new InkwireError("token_expired", "The token has expired.", { retryable: true });
}

/** Nobody can be let in now, and nobody is to be told that their token is bad. */
export function authUnavailable(hint: string, retryAfterMs: number): InkwireError {
  return new InkwireError("auth_unavailable", "Tokens can't be checked at the moment.", {
    retryable: true,
    retryAfterMs,
    hint,
  });
}
