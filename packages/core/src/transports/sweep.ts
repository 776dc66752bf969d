import type { Connection } from "./connection.js";
import { controlMessage, isoOf } from "./control-message.js";
import type { Hub } from "./hub.js";

/** A round for all connections each second, or more often where the heartbeat is short. */
const ROUND_MS = 1_000;

/** Those that are told to come back at once do not all come in the same moment. */
const RECONNECT_SPREAD_MS = 1_000;

/** How often the sweep looks, so that a heartbeat is late by a tenth of itself at most. */
export function roundMs(heartbeatMs: number): number {
  return Math.max(10, Math.min(ROUND_MS, Math.floor(heartbeatMs / 10)));
}

/**
 * Looks after time for all connections at once: heartbeats, tokens that end, peers that are gone, and those that leave.
 * One timer for everybody: a timer each would cost more than the connection.
 */
export function sweep(hub: Hub): void {
  const { options, registry, leaving } = hub;
  const nowMs = options.now();
  const heartbeat = controlMessage(
    "wire.heartbeat",
    { now: isoOf(nowMs) },
    nowMs,
    options.bus.head(),
  );
  for (const connection of registry.values()) {
    try {
      look(connection, nowMs, hub);
      const isSilent = nowMs - connection.wroteAt >= options.heartbeatMs;
      if (isSilent && connection.isQuiet) connection.controlMessage(heartbeat);
    } catch (error) {
      options.onEvent({ kind: "failed", connection: connection.info(), error });
      connection.vanish("failed");
    }
  }
  for (const connection of leaving) connection.sweepLeaving(nowMs);
}

function look(connection: Connection, nowMs: number, hub: Hub): void {
  const { heartbeatMs, expiringLeadMs, random } = hub.options;
  const { expiresAt } = connection.identity;
  if (connection.isStalled(nowMs, 2 * heartbeatMs)) return connection.vanish("silent");
  // Its way to us is gone, which says nothing of ours to it.
  if (!connection.liveness.isAnswering(nowMs, heartbeatMs))
    return connection.vanish("silent", "no_pong");
  if (nowMs >= expiresAt) return connection.say("expired", random() * RECONNECT_SPREAD_MS);
  if (nowMs >= connection.rotateAt)
    return connection.say("rotated", random() * RECONNECT_SPREAD_MS);
  if (!connection.wasWarned && nowMs >= expiresAt - expiringLeadMs) {
    connection.wasWarned = true;
    connection.control("wire.expiring", { expires_at: isoOf(expiresAt) });
  }
}
