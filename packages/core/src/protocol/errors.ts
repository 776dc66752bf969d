/**
 * Why something was refused or failed. One closed union: docs/reference/errors.md lists what each means and what to do.
 * Codes follow the reason; `retryable` says whether the same call may work later.
 */
export type ErrorCode =
  // the wire, see refusals.ts
  | "bad_request"
  | "token_missing"
  | "token_invalid"
  | "token_expired"
  | "topic_forbidden"
  | "origin_forbidden"
  | "scope_missing"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limited"
  | "too_many_connections"
  | "draining"
  | "auth_unavailable"
  | "slow_consumer"
  | "no_pong"
  | "replaced"
  // this program
  | "invalid_option"
  | "invalid_message"
  | "invalid_cursor"
  | "history_lost"
  | "closed"
  | "aborted"
  // a client's connection
  | "server_unreachable"
  | "server_failed"
  | "cors_refused"
  | "redirected"
  | "not_a_stream"
  | "connection_silent"
  | "connection_lost"
  | "token_unavailable"
  | "handler_failed"
  // storage
  | "record_damaged"
  | "record_newer"
  | "home_newer"
  | "storage_failed"
  | "disk_full"
  // jobs
  | "job_busy"
  | "job_unknown"
  | "job_finished"
  | "job_newer"
  | "lease_lost"
  | "cancelled"
  | "paused"
  | "budget_exceeded"
  | "step_failed"
  // books and authors
  | "invalid_request"
  | "source_unreadable"
  | "author_unavailable"
  | "author_refused_key"
  | "provider_busy"
  | "provider_failed"
  | "provider_unreachable"
  | "output_truncated"
  | "output_invalid"
  | "export_failed"
  | "internal";

export interface InkwireErrorOptions {
  /** Whether the same call may work later. @default false */
  readonly retryable?: boolean | undefined;
  /** How long to wait before that, when the other side said so, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** What to do about it, one sentence for people. Never crosses the wire. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The part of an error that may leave the process: no stack, no cause, no hint. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

const brand = Symbol.for("inkwire.error");

/** The one error class of inkwire: a `code` to switch on, a message for people. Recognise it with {@link isInkwireError}. */
export class InkwireError extends Error {
  override readonly name: string = "InkwireError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly hint: string | undefined;
  readonly [brand] = true;

  constructor(code: ErrorCode, message: string, options: InkwireErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.hint = options.hint;
  }
}

/** Whether `value` is an {@link InkwireError}, also one of another copy of this package; with `code`, one of that code. */
export function isInkwireError(value: unknown, code?: ErrorCode): value is InkwireError {
  const is = typeof value === "object" && value !== null && brand in value;
  return is && (code === undefined || (value as unknown as InkwireError).code === code);
}

/** What may be told about any thrown value: an error that is not ours becomes `internal` with a fixed text. */
export function toWireError(error: unknown): WireError {
  if (isInkwireError(error))
    return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: "internal", message: "Something went wrong inside inkwire.", retryable: false };
}
