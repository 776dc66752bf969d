import { InkwireError, type ErrorCode } from "@inkwire/core/protocol";

/** An error that another attempt may mend. */
export function trouble(
  code: ErrorCode,
  message: string,
  cause?: unknown,
  retryAfterMs?: number,
): InkwireError {
  return new InkwireError(code, message, { retryable: true, cause, retryAfterMs });
}
