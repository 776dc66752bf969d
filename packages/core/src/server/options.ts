import { randomUUID } from "node:crypto";
import type { TokenVerifierOptions } from "../auth/options.js";
import type { TopicPolicyOptions } from "../auth/topics.js";
import type { TokenVerifier } from "../auth/verifier.js";
import type { BooksOptions } from "../books/service-options.js";
import type { History } from "../bus/types.js";
import type { NotificationText } from "../notifications/notification.js";
import type { NotifierOptions } from "../notifications/options.js";
import { InkwireError, type Catalog } from "../protocol/index.js";
import type { RedisOptions } from "../redis/open.js";
import type { Home } from "../storage/types.js";
import type { GatewayOptions } from "../transports/options.js";
import { createAuthorCheck, type CheckAuthor } from "./allowed-authors.js";
import { createCors, type Cors, type CorsOptions } from "./cors.js";
import { guardLogger, silentLogger, type Logger } from "./logger.js";
import {
  createRateLimiter,
  resolveRates,
  type RateLimiter,
  type RateLimits,
  type ResolvedRates,
} from "./rate-limits.js";
import type { MetricsAccess } from "./routes/operations.js";

/** How tokens are checked: with a secret or the issuer's keys, or by something of your own. */
export type AuthOptions =
  | TokenVerifierOptions
  | { readonly verifier: Pick<TokenVerifier, "verify"> };

/** Books, as far as a server leaves the choice. */
export type ServerBooksOptions = Omit<
  BooksOptions,
  "home" | "bus" | "notifications" | "onProblem"
> & {
  /**
   * Which authors users may choose over the API: `offline`, `openai:gpt-5-mini`, `local:*` for every model of that name.
   * An empty list allows none. @default any name alone, with the model that you have set for it; no file, no model of their choice
   */
  readonly allowedAuthors?: readonly string[] | undefined;
  /** Where a click on a book's notification leads. @default `/books/<id>` */
  readonly bookUrl?: ((bookId: number) => string) | undefined;
};

export interface InkwireOptions<C extends Catalog = NoMessages> {
  readonly auth: AuthOptions;
  /** Where state is kept: a folder, which is made if it is not there, or a home that you opened. @default in memory */
  readonly home?: Home | string | undefined;
  /** Your own messages, beside those of inkwire: see `defineMessages`. */
  readonly messages?: C | undefined;
  /**
   * A Redis that this server shares with others: its URL, which may be that of a Redis Cluster or of sentinels, or more. History,
   * state, the line of jobs, connections, rates and revoked tokens are then those of all of them, and clients may come to any;
   * `home` and `history` are left out. It needs `ioredis` and `bullmq` installed. See docs/operations/redis.md.
   *
   * @default none
   */
  readonly redis?: string | RedisOptions | undefined;
  /** What cursors are replayed from. @default in memory */
  readonly history?: History | undefined;
  /** Books and their API. @default none */
  readonly books?: ServerBooksOptions | undefined;
  readonly notifications?: Pick<NotifierOptions, "badges" | "maxPerUser" | "maxAgeMs"> | undefined;
  /** What a user is told at the first connection ever; `null`: nothing. @default a word on books where there are books */
  readonly welcome?: NotificationText | null | undefined;
  /** Asked first whether a topic may be read; `undefined` leaves it to the rule of the house. */
  readonly canSubscribe?: TopicPolicyOptions["custom"];
  /** Limits of connections, heartbeat, rotation, drain. */
  readonly connections?:
    | Omit<
        GatewayOptions,
        "bus" | "verifier" | "canSubscribe" | "onEvent" | "now" | "random" | "allowedOrigins"
      >
    | undefined;
  /** Pages of other origins that may use this server; its own need none of it. @default none */
  readonly cors?: CorsOptions | undefined;
  /** `null` counts nothing. @default those of docs/operations/limits.md */
  readonly rateLimits?: RateLimits | null | undefined;
  /** Counts for the rates. @default in this process, or in `redis` */
  readonly limiter?: RateLimiter | undefined;
  /**
   * How many proxies of yours stand in front, each of which adds to `X-Forwarded-For`. Too high a number lets clients choose
   * their address. @default 0
   */
  readonly trustProxy?: number | undefined;
  /** The address of the other end, where the runtime does not tell it. @default what Node says */
  readonly address?: ((request: Request) => string | undefined) | undefined;
  /** What stands before every path, such as `/live`, where whoever mounts this does not cut it off. @default "" */
  readonly basePath?: string | undefined;
  /** Of a request's body. @default 65_536 */
  readonly maxBodyBytes?: number | undefined;
  /** Of an address. @default 8_192 */
  readonly maxUrlBytes?: number | undefined;
  /** Whether there is `/metrics`, and for whom; `null`: there is none. @default "loopback" */
  readonly metrics?: MetricsAccess | null | undefined;
  /** How long running jobs may take to reach a checkpoint at a drain, in milliseconds. @default 10_000 */
  readonly jobGraceMs?: number | undefined;
  /** Anything of the shape of pino. @default silent */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
}

/** The catalog of who brings no messages of their own. */
// oxlint-disable-next-line typescript/no-empty-object-type -- nothing is in it
export type NoMessages = {};

export const SERVER_DEFAULTS = {
  maxBodyBytes: 65_536,
  maxUrlBytes: 8_192,
  jobGraceMs: 10_000,
  trustProxy: 0,
} as const;

const BOUNDS = {
  maxBodyBytes: [1_024, 16_777_216],
  maxUrlBytes: [256, 65_536],
  jobGraceMs: [0, 3_600_000],
  trustProxy: [0, 16],
} as const;

/** What is checked before anything is opened. */
export interface ResolvedOptions {
  readonly limits: ResolvedLimits;
  readonly basePath: string;
  readonly cors: Cors;
  readonly checkAuthor: CheckAuthor;
  readonly rates: ResolvedRates | null;
  readonly limiter: RateLimiter;
  readonly logger: Logger;
  readonly now: () => number;
  readonly uuid: () => string;
}

type ResolvedLimits = Readonly<Record<keyof typeof BOUNDS, number>>;

/** @throws InkwireError `invalid_option` */
export function resolveOptions(options: InkwireOptions<Catalog>): ResolvedOptions {
  const { now = Date.now, uuid = randomUUID, rateLimits, limiter, logger } = options;
  return {
    limits: resolveLimits(options),
    basePath: resolveBasePath(options.basePath),
    cors: createCors(options.cors),
    checkAuthor: createAuthorCheck(options.books?.allowedAuthors),
    rates: rateLimits === null ? null : resolveRates(rateLimits),
    limiter: limiter ?? createRateLimiter(now),
    logger: logger === undefined ? silentLogger : guardLogger(logger),
    now,
    uuid,
  };
}

function resolveLimits(options: InkwireOptions<Catalog>): ResolvedLimits {
  return {
    maxBodyBytes: readCount("maxBodyBytes", options.maxBodyBytes),
    maxUrlBytes: readCount("maxUrlBytes", options.maxUrlBytes),
    jobGraceMs: readCount("jobGraceMs", options.jobGraceMs),
    trustProxy: readCount("trustProxy", options.trustProxy),
  };
}

/** `""`, or a path that begins with a slash and does not end with one. @throws InkwireError `invalid_option` */
function resolveBasePath(given: string | undefined): string {
  const path = (given ?? "").replace(/\/$/, "");
  if (path === "" || /^(\/[\w.~-]+)+$/.test(path)) return path;
  throw new InkwireError(
    "invalid_option",
    `Expected basePath to be a path such as "/live", got ${JSON.stringify(given)}`,
  );
}

function readCount(option: keyof typeof BOUNDS, given: number | undefined): number {
  const value = given ?? SERVER_DEFAULTS[option];
  const [min, max] = BOUNDS[option];
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new InkwireError(
    "invalid_option",
    `Expected ${option} to be a whole number from ${min} to ${max}, got ${String(value)}`,
  );
}
