import { InkwireError, isInkwireError } from "../../../protocol/index.js";
import { bodyMessage, excerpt, spokenMessage } from "./error-excerpt.js";
import { parseRetryAfter } from "./retry-after.js";

/** What is needed to speak about an error without telling a secret. */
export interface ProviderErrorContext {
  /** Who failed, for people: `openai:gpt-5 at api.openai.com`. */
  readonly who: string;
  /** Never shown, whatever the provider echoes. */
  readonly secrets: readonly string[];
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  readonly now: () => number;
}

/** What of an AI SDK `APICallError` is read. Recognised by name: a second copy of the SDK has another class. */
interface ApiCallError extends Error {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

/** The server took the request itself for wrong: another request, such as one without a schema, may work. */
export class RefusedRequestError extends InkwireError {
  constructor(message: string) {
    super("provider_failed", message);
  }
}

/** The connection was never made. */
const unreachable = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

const networkCode = /^(?:E[A-Z]{3,}|EAI_AGAIN|UND_ERR_[A-Z_]+|[A-Z_]*(?:CERT|TLS|SSL)[A-Z_]*)$/;

/**
 * The error of ours for whatever a model call threw or sent as an error part. Errors that are ours already stay.
 *
 * The response's body never gets into a message but as a short excerpt: cleaned, one line, without keys.
 */
export function toProviderError(error: unknown, context: ProviderErrorContext): InkwireError {
  if (isInkwireError(error)) return error;
  const { who } = context;
  if (isApiCallError(error)) {
    const { statusCode = 0, cause } = error;
    if (statusCode >= 300) return fromStatus(error, statusCode, context);
    // The SDK wraps what goes wrong while it reads an answer that began well.
    if (cause !== undefined && statusCode !== 0) return toProviderError(cause, context);
  }
  const network = networkError(error, context);
  if (network !== undefined) return network;

  const name = error instanceof Error ? error.name : "";
  if (name === "AI_InvalidResponseDataError") {
    return new InkwireError("output_truncated", `${who} ended its answer without a finish.`, {
      retryable: true,
    });
  }
  if (name === "AI_JSONParseError" || name === "AI_TypeValidationError") {
    return new InkwireError(
      "provider_failed",
      `${who} sent something that is no chat completion.`,
      { retryable: true },
    );
  }
  const said = excerpt(spokenMessage(error), context.secrets);
  if (isOverload(error)) {
    return new InkwireError("provider_busy", `${who} is busy${said}.`, { retryable: true });
  }
  return new InkwireError("provider_failed", `${who} failed while it wrote${said}.`, {
    retryable: true,
  });
}

function fromStatus(
  error: ApiCallError,
  status: number,
  context: ProviderErrorContext,
): InkwireError {
  const { who } = context;
  const said = excerpt(bodyMessage(error.responseBody), context.secrets);
  const retryAfterMs = parseRetryAfter(error.responseHeaders ?? {}, context.now());
  if (status === 401 || status === 403) {
    return new InkwireError("author_refused_key", `${who} refused the key (${status})${said}.`, {
      hint: "Check the key and what it may be used for.",
    });
  }
  if (
    status === 402 ||
    (status === 429 && /insufficient_quota|billing/i.test(error.responseBody ?? ""))
  ) {
    return new InkwireError(
      "author_unavailable",
      `${who} wants to be paid first (${status})${said}.`,
      {
        hint: "The account has no credit left; add some, or choose another author.",
      },
    );
  }
  if (status === 404) {
    return new InkwireError(
      "author_unavailable",
      `${who} does not know this model or address (404)${said}.`,
      {
        hint: "Check the name of the model and the base URL, which usually ends in /v1.",
      },
    );
  }
  // Anthropic's word for "overloaded" is a status that no RFC knows.
  if (status === 429 || status === 529) {
    return new InkwireError("provider_busy", `${who} is busy (${status})${said}.`, {
      retryable: true,
      retryAfterMs,
    });
  }
  if ((status >= 500 && status !== 501) || status === 408 || status === 409 || status === 425) {
    return new InkwireError("provider_failed", `${who} failed (${status})${said}.`, {
      retryable: true,
      retryAfterMs,
    });
  }
  return new RefusedRequestError(`${who} refused the request (${status})${said}.`);
}

function networkError(error: unknown, { who }: ProviderErrorContext): InkwireError | undefined {
  const cause = networkCause(error);
  if (cause === undefined) return undefined;
  const { code } = cause;
  if (unreachable.has(code)) {
    return new InkwireError("provider_unreachable", `${who} cannot be reached (${code}).`, {
      retryable: true,
      hint: "Check the network, and that the server runs at that address.",
      cause,
    });
  }
  if (/CERT|TLS|SSL/.test(code)) {
    return new InkwireError(
      "provider_unreachable",
      `${who} cannot be trusted: its certificate is not valid (${code}).`,
      {
        cause,
      },
    );
  }
  return new InkwireError("provider_failed", `The connection to ${who} broke (${code}).`, {
    retryable: true,
    cause,
  });
}

/**
 * The system's or undici's error behind an error: `fetch` hides it one or two causes deep. Only that one is kept as a
 * cause, as those around it hold the whole request.
 */
function networkCause(error: unknown): { readonly code: string } | undefined {
  // Errors only: an error part of the stream is a plain object, and its code is the provider's own.
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const { code, errors } = current as { readonly code?: unknown; readonly errors?: unknown };
    if (typeof code === "string" && networkCode.test(code))
      return current as Error & { code: string };
    // localhost resolves to two addresses, and both refused.
    if (Array.isArray(errors) && errors.length > 0) return networkCause(errors[0]);
    // undici's word for a body that was cut, where it gives no cause.
    if (current.message === "terminated" && current.cause === undefined) {
      return { code: "ECONNRESET" };
    }
    current = current.cause;
  }
  return undefined;
}

function isOverload(error: unknown): boolean {
  if (!isRecord(error)) return false;
  return [error["type"], error["code"]].some(
    (name) => name === 429 || /rate_limit|overloaded/i.test(String(name)),
  );
}

function isApiCallError(error: unknown): error is ApiCallError {
  return error instanceof Error && error.name === "AI_APICallError";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
