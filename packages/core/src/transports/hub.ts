import type { BacklogLimits } from "./backlog.js";
import type { Connection } from "./connection.js";
import type { Flusher } from "./flush.js";
import type { ResolvedGatewayOptions } from "./options.js";
import type { Registry } from "./registry.js";
import type { RevokedLately } from "./revoked-lately.js";

/** Sums over all connections, also those that are gone. */
export interface Totals {
  opened: number;
  closed: number;
  refused: number;
  deliveredMessages: number;
  deliveredBytes: number;
  replayedMessages: number;
  conflated: number;
  shed: number;
  slow: number;
  silent: number;
}

/** What all connections of a gateway share. */
export interface Hub {
  readonly options: ResolvedGatewayOptions;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly flusher: Flusher;
  readonly backlogLimits: BacklogLimits;
  readonly registry: Registry<Connection>;
  readonly totals: Totals;
  readonly revokedLately: RevokedLately;
  /** Said goodbye to, and not gone yet. */
  readonly leaving: Set<Connection>;
}

export function newTotals(): Totals {
  return {
    opened: 0,
    closed: 0,
    refused: 0,
    deliveredMessages: 0,
    deliveredBytes: 0,
    replayedMessages: 0,
    conflated: 0,
    shed: 0,
    slow: 0,
    silent: 0,
  };
}
