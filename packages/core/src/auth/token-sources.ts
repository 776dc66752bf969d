/** What is read of a request: the web's `Request` fits, and so does any object that has these. */
export interface TokenRequestLike {
  readonly headers: { get(name: string): string | null | undefined };
  /** Absolute, or from the path on. */
  readonly url: string;
}

export interface TokenSourceOptions {
  /**
   * Whether `?token=` counts, for a native EventSource or WebSocket, which can't send a header. Addresses end up in the
   * logs of proxies; where every client can send a header, switch it off.
   */
  readonly query: boolean;
}

/** A WebSocket client offers its token as a subprotocol of this prefix; it is never echoed. */
export const TOKEN_SUBPROTOCOL_PREFIX = "inkwire.token.";

/**
 * The token that a request brings: `Authorization: Bearer`, then `?token=`. `undefined` without one. Whether it is any good
 * is the verifier's matter.
 */
export function readToken(
  { headers, url }: TokenRequestLike,
  { query }: TokenSourceOptions,
): string | undefined {
  return bearerToken(headers.get("authorization")) ?? (query ? queryToken(url) : undefined);
}

/** The same for `GET /ws`, where an offered subprotocol `inkwire.token.<jwt>` counts last: browsers can send no header there. */
export function readWebSocketToken(
  request: TokenRequestLike,
  options: TokenSourceOptions,
): string | undefined {
  return (
    readToken(request, options) ?? subprotocolToken(request.headers.get("sec-websocket-protocol"))
  );
}

/** `Bearer <token>`; the scheme in any case (RFC 9110 section 11.1). Another scheme is somebody else's. */
function bearerToken(header: string | null | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? "")?.[1];
}

function queryToken(url: string): string | undefined {
  const start = url.indexOf("?");
  if (start === -1) return undefined;
  const [query = ""] = url.slice(start + 1).split("#");
  const token = new URLSearchParams(query).get("token");
  return token === null || token === "" ? undefined : token;
}

function subprotocolToken(header: string | null | undefined): string | undefined {
  const offered = (header ?? "").split(",").map((name) => name.trim());
  const token = offered
    .find((name) => name.startsWith(TOKEN_SUBPROTOCOL_PREFIX))
    ?.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
  return token === "" ? undefined : token;
}

const REDACTED = "[redacted]";
const SECRET_PARAMETERS: ReadonlySet<string> = new Set(["token", "access_token"]);
/** What looks like a JWT, wherever it stands: `eyJ` is how base64url of `{"` begins. */
const JWT = /eyJ[\w-]+\.[\w-]+\.?[\w-]*/g;

/** An address as it may be logged: without tokens, wherever they stand and however they are escaped, and without a password. */
export function redactUrl(url: string): string {
  const start = url.indexOf("?");
  const path = start === -1 ? url : url.slice(0, start);
  const query =
    start === -1
      ? ""
      : `?${url
          .slice(start + 1)
          .split("&")
          .map(redactPair)
          .join("&")}`;
  return (path + query).replace(JWT, REDACTED).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
}

function redactPair(pair: string): string {
  const [given = ""] = new URLSearchParams(pair).keys();
  const name = given.trim();
  return SECRET_PARAMETERS.has(name.toLowerCase()) ? `${name}=${REDACTED}` : pair;
}
