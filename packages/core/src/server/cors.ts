import { InkwireError } from "../protocol/index.js";

export interface CorsOptions {
  /** Origins whose pages may read the answers, such as `https://app.example`, or `"*"` for all. */
  readonly origins: readonly string[] | "*";
  /** Whether their cookies count; not with `"*"`. Tokens in a header need none of it. @default false */
  readonly credentials?: boolean | undefined;
  /** How long a browser may remember a preflight, in seconds. @default 600 */
  readonly maxAgeSeconds?: number | undefined;
}

export interface Cors {
  /** The headers of an answer to a request from this origin; `Vary` also where the origin is not on the list. */
  headersFor(origin: string | null): Readonly<Record<string, string>>;
  /** The headers of the answer to a preflight. */
  preflight(origin: string | null, methods: readonly string[]): Readonly<Record<string, string>>;
}

const ALLOWED_HEADERS =
  "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Request-Id";
const EXPOSED_HEADERS =
  "Content-Disposition, ETag, Idempotency-Replayed, Location, Retry-After, WWW-Authenticate, X-Request-Id";

/** @throws InkwireError `invalid_option` */
export function createCors(options: CorsOptions | undefined): Cors {
  const { origins = [], credentials = false, maxAgeSeconds = 600 } = options ?? {};
  if (origins === "*" && credentials) {
    throw new InkwireError(
      "invalid_option",
      'Expected cors.origins to be a list where cors.credentials is on, got "*"',
    );
  }
  if (origins !== "*") for (const origin of origins) assertOrigin(origin);
  const listed: ReadonlySet<string> = new Set(origins === "*" ? [] : origins);

  /** The origin as it may be repeated: only one that is on the list. */
  const allow = (origin: string | null): Record<string, string> => {
    if (origins === "*") return { "access-control-allow-origin": "*" };
    const vary = { vary: "Origin" };
    if (origin === null || !listed.has(origin)) return vary;
    return {
      ...vary,
      "access-control-allow-origin": origin,
      ...(credentials && { "access-control-allow-credentials": "true" }),
    };
  };
  const isAllowed = (headers: Record<string, string>) => "access-control-allow-origin" in headers;

  return {
    headersFor(origin) {
      const headers = allow(origin);
      if (isAllowed(headers)) headers["access-control-expose-headers"] = EXPOSED_HEADERS;
      return headers;
    },
    preflight(origin, methods) {
      const headers = allow(origin);
      if (!isAllowed(headers)) return headers;
      return {
        ...headers,
        "access-control-allow-methods": methods.join(", "),
        "access-control-allow-headers": ALLOWED_HEADERS,
        "access-control-max-age": String(maxAgeSeconds),
      };
    },
  };
}

/** `null`, which sandboxed pages send, is nobody's origin; a star in a name is no pattern. */
function assertOrigin(origin: string): void {
  if (typeof origin === "string" && URL.parse(origin)?.origin === origin && !origin.includes("*")) {
    return;
  }
  throw new InkwireError(
    "invalid_option",
    `Expected cors.origins to hold origins such as "https://app.example", got ${JSON.stringify(origin)}`,
  );
}
