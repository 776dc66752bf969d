import type { TokenVerifier } from "../auth/verifier.js";
import { canSubscribe, type TopicPolicy } from "../auth/topics.js";
import type { Attachable } from "../bus/types.js";
import { InkwireError } from "../protocol/index.js";
import type { Peers } from "./peers.js";
import { readTcpTable, type ReadTcpTable } from "./tcp-table.js";
import type { GatewayEvent } from "./types.js";

export interface GatewayOptions {
  /** What is served. */
  readonly bus: Attachable;
  /** Says who a token is. */
  readonly verifier: Pick<TokenVerifier, "verify">;
  /** Who may read what; asked for each topic of each connection and again at each refresh. @default the rule of the house */
  readonly canSubscribe?: TopicPolicy | undefined;
  /** A quiet connection is written to after this, and a peer is dead after two of it. 100 to 600,000. @default 15_000 */
  readonly heartbeatMs?: number | undefined;
  /** How long before the end of its token a connection is told. @default 60_000 */
  readonly expiringLeadMs?: number | undefined;
  /** How far a reader may fall behind, in bytes of JSON text. At least 1024. @default 1_048_576 */
  readonly maxOutboxBytes?: number | undefined;
  /** Connections are told to come back after 0.8 to 1.0 of this; `null`: never. At least 1000. @default null */
  readonly maxAgeMs?: number | null | undefined;
  /** In all. @default 20_000 */
  readonly maxConnections?: number | undefined;
  /** @default 20 */
  readonly maxConnectionsPerUser?: number | undefined;
  /** What happens to one too many of a user. @default "refuse_newest" */
  readonly onUserLimit?: "refuse_newest" | "replace_oldest" | undefined;
  /** Of one connection, `user/<id>` and `all` included. At least 2. @default 100 */
  readonly maxTopics?: number | undefined;
  /** Whether `?token=` counts, for a native EventSource or WebSocket. @default true */
  readonly queryToken?: boolean | undefined;
  /**
   * Pages of these origins may open a WebSocket, beside those of the server's own; `"*"`: all. A client that sends no
   * `Origin` is no browser, and may. @default none
   */
  readonly allowedOrigins?: readonly string[] | "*" | undefined;
  /** Over how long a drain spreads the clients that come back, and how long it waits at most. 0 to 600,000. @default 10_000 */
  readonly drainMs?: number | undefined;
  /** The other nodes, where several serve one bus: their connections count for the caps, and are refreshed by way of any. @default none */
  readonly peers?: Pick<Peers, "countOf" | "of" | "renew"> | undefined;
  /** Told what happens, at once: it should not take long. What it throws is swallowed. */
  readonly onEvent?: ((event: GatewayEvent) => void) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** In `[0, 1)`. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Names connections; must not be guessable. @default crypto.randomUUID */
  readonly uuid?: (() => string) | undefined;
  /**
   * What peers of SSE have acknowledged, to find those that vanished without a word: the table of Linux. `null`: leave that
   * to TCP, which takes a quarter of an hour. @default `/proc/net/tcp`, where there is one
   */
  readonly tcpTable?: ReadTcpTable | null | undefined;
  /** Calls `tick` again and again; gives back how to stop. @default setInterval, which keeps no process alive */
  readonly every?: ((ms: number, tick: () => void) => () => void) | undefined;
}

export const GATEWAY_DEFAULTS = {
  heartbeatMs: 15_000,
  expiringLeadMs: 60_000,
  maxOutboxBytes: 1_048_576,
  maxConnections: 20_000,
  maxConnectionsPerUser: 20,
  maxTopics: 100,
  drainMs: 10_000,
} as const;

const BOUNDS = {
  heartbeatMs: [100, 600_000],
  expiringLeadMs: [0, 86_400_000],
  maxOutboxBytes: [1024, 1_073_741_824],
  maxConnections: [1, 10_000_000],
  maxConnectionsPerUser: [1, 10_000_000],
  maxTopics: [2, 10_000],
  drainMs: [0, 600_000],
} as const;

export interface ResolvedGatewayOptions {
  readonly bus: Attachable;
  readonly verifier: Pick<TokenVerifier, "verify">;
  readonly canSubscribe: TopicPolicy;
  readonly heartbeatMs: number;
  readonly expiringLeadMs: number;
  readonly maxOutboxBytes: number;
  readonly maxAgeMs: number | undefined;
  readonly maxConnections: number;
  readonly maxConnectionsPerUser: number;
  readonly replacesOldest: boolean;
  readonly maxTopics: number;
  readonly queryToken: boolean;
  readonly allowedOrigins: ReadonlySet<string> | "*";
  readonly drainMs: number;
  readonly peers: Pick<Peers, "countOf" | "of" | "renew"> | undefined;
  readonly onEvent: (event: GatewayEvent) => void;
  readonly now: () => number;
  readonly random: () => number;
  readonly uuid: () => string;
  readonly tcpTable: ReadTcpTable | null;
  readonly every: (ms: number, tick: () => void) => () => void;
}

/** @throws InkwireError `invalid_option` */
export function resolveGatewayOptions(options: GatewayOptions): ResolvedGatewayOptions {
  const { onUserLimit = "refuse_newest", allowedOrigins = [], maxAgeMs } = options;
  if (onUserLimit !== "refuse_newest" && onUserLimit !== "replace_oldest") {
    throw new InkwireError(
      "invalid_option",
      `Expected onUserLimit to be "refuse_newest" or "replace_oldest", got ${JSON.stringify(onUserLimit)}`,
    );
  }
  return {
    bus: options.bus,
    verifier: options.verifier,
    canSubscribe: options.canSubscribe ?? canSubscribe,
    heartbeatMs: readCount("heartbeatMs", options.heartbeatMs),
    expiringLeadMs: readCount("expiringLeadMs", options.expiringLeadMs),
    maxOutboxBytes: readCount("maxOutboxBytes", options.maxOutboxBytes),
    maxAgeMs: readMaxAge(maxAgeMs),
    maxConnections: readCount("maxConnections", options.maxConnections),
    maxConnectionsPerUser: readCount("maxConnectionsPerUser", options.maxConnectionsPerUser),
    replacesOldest: onUserLimit === "replace_oldest",
    maxTopics: readCount("maxTopics", options.maxTopics),
    queryToken: options.queryToken ?? true,
    allowedOrigins: allowedOrigins === "*" ? "*" : new Set(allowedOrigins.map(readOrigin)),
    drainMs: readCount("drainMs", options.drainMs),
    peers: options.peers,
    onEvent: harmless(options.onEvent),
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    uuid: options.uuid ?? (() => crypto.randomUUID()),
    tcpTable: options.tcpTable === undefined ? readTcpTable : options.tcpTable,
    every: options.every ?? everyInterval,
  };
}

/** Told in the middle of things: what a logger throws must not leave a connection half closed. */
function harmless(
  onEvent: ((event: GatewayEvent) => void) | undefined,
): (event: GatewayEvent) => void {
  return (event) => {
    try {
      onEvent?.(event);
    } catch {
      // Documented at the option.
    }
  };
}

function everyInterval(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  timer.unref();
  return () => clearInterval(timer);
}

function readMaxAge(given: number | null | undefined): number | undefined {
  if (given === null || given === undefined) return undefined;
  if (Number.isSafeInteger(given) && given >= 1000) return given;
  throw new InkwireError(
    "invalid_option",
    `Expected maxAgeMs to be null or a whole number >= 1000, got ${String(given)} (did you mean seconds?)`,
  );
}

/** What a browser sends is scheme, host and port alone: anything else would never match. */
function readOrigin(given: string): string {
  const origin = URL.canParse(given) ? new URL(given).origin : undefined;
  if (origin !== undefined && origin === given.replace(/\/$/, "")) return origin;
  throw new InkwireError(
    "invalid_option",
    `Expected allowedOrigins such as "https://app.example.com", got ${JSON.stringify(given)}`,
  );
}

function readCount(option: keyof typeof BOUNDS, given: number | undefined): number {
  const value = given ?? GATEWAY_DEFAULTS[option];
  const [min, max] = BOUNDS[option];
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new InkwireError(
    "invalid_option",
    `Expected ${option} to be a whole number from ${min} to ${max}, got ${String(value)}`,
  );
}
