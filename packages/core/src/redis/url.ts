import { InkwireError } from "../protocol/index.js";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What a URL says of a Redis. */
export interface RedisTarget {
  /** Of servers, or of the sentinels that know where the server is; one at least. */
  readonly addresses: readonly RedisAddress[];
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly sentinel: SentinelTarget | undefined;
  /** What of it may be shown. */
  readonly shown: string;
}

export interface SentinelTarget {
  /** What the sentinels call the primary. */
  readonly name: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

const EXPECTED =
  "Expected the URL of a Redis such as redis://127.0.0.1:6379, rediss://user:password@host:6380/0, " +
  "redis://host1:7000,host2:7000 for a cluster or redis+sentinel://host1:26379,host2:26379/mymaster";

/** Scheme, user and password, hosts, path, query, and what comes after `#`. */
const FORM =
  /^(redis|rediss)([+-]sentinel)?:\/\/(?:([^/?#]*)@)?([^/?#@]+)(\/[^?#]*)?(\?[^#]*)?(#.*)?$/i;

/**
 * Reads what operators write: `redis://` and `rediss://` (TLS), with several hosts where it is a cluster, and
 * `redis+sentinel://host,…/name[/db]`, also with TLS as `rediss+sentinel://` and in Lettuce's form
 * `redis-sentinel://host,…[/db]#name`. Sentinels that want a password get it by `?sentinel_password=` (and `sentinel_username`).
 *
 * @throws InkwireError `invalid_option`, which shows nothing of the URL: there may be a password in it.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme = "", watched, credentials = "", hosts = "", path = "", query = "", hash = ""] =
    FORM.exec(url) ?? [];
  const defaultPort = watched === undefined ? REDIS_PORT : SENTINEL_PORT;
  const addresses = hosts.split(",").map((host) => addressOf(host, defaultPort));
  const parts = path.split("/").filter((part) => part !== "");
  // A name before the database, unless it is after the `#`.
  const name =
    watched === undefined ? undefined : decoded(hash.slice(1)) || decoded(parts.shift() ?? "");
  const [db = "0", ...rest] = parts;
  if (!/^\d{1,5}$/.test(db) || rest.length > 0 || name === "") throw refused();
  if (watched === undefined && hash !== "") throw refused();
  const options = optionsOf(query, watched !== undefined);
  const colon = credentials.indexOf(":");
  const [username, password] =
    colon < 0 ? [credentials, ""] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  const shown = addresses.map(
    ({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`,
  );
  return {
    addresses,
    isTls: scheme.toLowerCase() === "rediss",
    username: decoded(username) || undefined,
    password: decoded(password) || undefined,
    db: Number(db),
    sentinel: name === undefined ? undefined : { name, ...options },
    shown: shown.join(", "),
  };
}

function addressOf(text: string, defaultPort: number): RedisAddress {
  // Only a special scheme reads hosts as browsers do.
  const url = URL.canParse(`http://${text}`) ? new URL(`http://${text}`) : undefined;
  if (url === undefined || url.hostname === "" || url.pathname !== "/" || text === "")
    throw refused();
  const port = /:(\d+)$/.exec(text)?.[1];
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: port === undefined ? defaultPort : Number(port),
  };
}

function optionsOf(query: string, isSentinel: boolean): Omit<SentinelTarget, "name"> {
  const options = new URLSearchParams(query);
  const known = isSentinel ? ["sentinel_username", "sentinel_password"] : [];
  if ([...options.keys()].some((option) => !known.includes(option))) throw refused();
  return {
    username: options.get("sentinel_username") ?? undefined,
    password: options.get("sentinel_password") ?? undefined,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused();
  }
}

function refused(): InkwireError {
  return new InkwireError("invalid_option", EXPECTED);
}
