import { isInkwireError, isRefusalCode, refusals, type ErrorCode } from "../protocol/index.js";

/** The body of a refusal (RFC 9457): `code` is what programs switch on, `detail` is for people. */
export interface Problem {
  /** Always `about:blank`: the status says what kind of problem it is, `code` which one. */
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly request_id: string;
}

/** The codes that are no refusals of the wire, yet the caller's to mend. All others are the server's own trouble. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  aborted: 400,
  invalid_request: 400,
  invalid_cursor: 400,
  invalid_message: 400,
  source_unreadable: 400,
  author_unavailable: 400,
  job_busy: 409,
  job_finished: 409,
  job_newer: 409,
};

/** The codes under which a server that can't do it now may do it later. Their texts name files and hosts. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "closed",
  "storage_failed",
  "disk_full",
  "provider_unreachable",
  "provider_busy",
]);

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * How a thrown value is answered. Only a refusal's own text crosses the wire; of the server's own troubles the caller learns
 * the code, and finds the rest by `request_id` in the log.
 */
export function makeProblem(error: unknown, requestId: string): ProblemAnswer {
  const { status, code, detail, retryable } = classify(error);
  return {
    problem: {
      type: "about:blank",
      title: TITLES[status] ?? "Error",
      status,
      code,
      detail,
      retryable,
      request_id: requestId,
    },
    headers: { ...retryAfter(error, status), ...challenge(code) },
  };
}

function classify(error: unknown): Pick<Problem, "status" | "code" | "detail" | "retryable"> {
  if (isInkwireError(error)) {
    const { code, message: detail, retryable } = error;
    const row = isRefusalCode(code) ? refusals[code] : undefined;
    const status = row !== undefined && "status" in row ? row.status : STATUS_OF[code];
    if (status !== undefined) return { status, code, detail, retryable };
    if (UNAVAILABLE.has(code)) {
      return { status: 503, code, detail: "This can't be done at the moment.", retryable: true };
    }
    return { status: 500, code, detail: "Something went wrong inside inkwire.", retryable };
  }
  const detail = "Something went wrong inside inkwire.";
  return { status: 500, code: "internal", detail, retryable: false };
}

/** In whole seconds, rounded up (RFC 9110 section 10.2.3). */
function retryAfter(error: unknown, status: number): Record<string, string> {
  if (status !== 429 && status !== 503) return {};
  const waitMs = isInkwireError(error) ? (error.retryAfterMs ?? 1_000) : 1_000;
  return { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1_000))) };
}

/** RFC 6750 section 3: a request that brought no token is told no error. */
function challenge(code: ErrorCode): Record<string, string> {
  const bearer = (more: string) => ({ "www-authenticate": `Bearer realm="inkwire"${more}` });
  if (code === "token_missing") return bearer("");
  if (code === "token_invalid") return bearer(', error="invalid_token"');
  if (code === "token_expired") {
    return bearer(', error="invalid_token", error_description="The token has expired"');
  }
  return code === "scope_missing" ? bearer(', error="insufficient_scope"') : {};
}
