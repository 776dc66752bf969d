import type { ErrorCode } from "./errors.js";

/** One row of the refusal table: how a code travels over HTTP and as a WebSocket close, and what the client does. */
export interface Refusal {
  /** The HTTP status; absent where the refusal only ends a connection that is open. */
  readonly status?: number;
  /** The WebSocket close code: 4000 to 4499 reconnect, 4500 to 4999 are final. Absent where it can't end a connection. */
  readonly close?: number;
  /** Whether the client may try again, perhaps with a fresh token or after `Retry-After`. */
  readonly retryable: boolean;
}

/** Every refusal that crosses the wire (docs/protocol.md, "Refusals"). */
export const refusals = {
  bad_request: { status: 400, close: 4500, retryable: false },
  token_expired: { status: 401, close: 4005, retryable: true },
  token_missing: { status: 401, close: 4501, retryable: false },
  token_invalid: { status: 401, close: 4501, retryable: false },
  topic_forbidden: { status: 403, close: 4503, retryable: false },
  origin_forbidden: { status: 403, close: 4503, retryable: false },
  scope_missing: { status: 403, close: 4503, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  too_large: { status: 413, close: 4500, retryable: false },
  rate_limited: { status: 429, close: 4013, retryable: true },
  too_many_connections: { status: 429, close: 4013, retryable: true },
  draining: { status: 503, close: 4001, retryable: true },
  auth_unavailable: { status: 503, close: 4002, retryable: true },
  slow_consumer: { close: 4008, retryable: true },
  no_pong: { close: 4012, retryable: true },
  replaced: { close: 4504, retryable: false },
} as const satisfies Readonly<Partial<Record<ErrorCode, Refusal>>>;

/** The codes that a server refuses with, in HTTP answers and when it closes a WebSocket. */
export type RefusalCode = keyof typeof refusals;

/** Whether a code is one that this version of the protocol knows. */
export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusals, code);
}

/** Whether a client may reconnect after this WebSocket close code. Codes outside 4000–4999 are transport trouble: yes. */
export function mayReconnect(closeCode: number): boolean {
  return closeCode < 4500 || closeCode > 4999;
}
