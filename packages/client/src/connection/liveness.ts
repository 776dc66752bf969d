/** Heartbeats of silence after which a connection counts as dead: one may be lost, and one late. */
const PATIENCE = 2.5;
/** The same when somebody comes back to the page: then a new connection costs less than doubt. */
const PATIENCE_ON_WAKE = 1.25;
/** After a sleep, timers run before what the network has waiting: so much time for that to be read. */
export const GRACE_MS = 500;
/** No server of ours beats faster; one that claims to is not believed. */
const MIN_HEARTBEAT_MS = 1_000;
const DEFAULT_HEARTBEAT_MS = 15_000;

/**
 * How long silence may last, in milliseconds, by the heartbeat that the server announced. Twice as long in a page that
 * nobody sees: browsers run its timers late.
 */
export function patienceMs(heartbeatMs: unknown, isHidden: boolean, isWake = false): number {
  const announced =
    typeof heartbeatMs === "number" && heartbeatMs > 0 ? heartbeatMs : DEFAULT_HEARTBEAT_MS;
  const beats = isWake ? PATIENCE_ON_WAKE : PATIENCE * (isHidden ? 2 : 1);
  return Math.max(announced, MIN_HEARTBEAT_MS) * beats;
}
