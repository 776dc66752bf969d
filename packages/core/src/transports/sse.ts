import type { Frames } from "./frames.js";
import { goodbyeMessage, goodbyes } from "./goodbye.js";

/**
 * `no-transform` keeps compressing middleware away and `X-Accel-Buffering` nginx's buffer; the type is without a charset,
 * since a stream of events is UTF-8 by definition and some clients compare it whole.
 */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream",
  "cache-control": "private, no-cache, no-store, no-transform",
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
};

const RETRY_BASE_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

/** What a client waits after a break without a word, each its own time: a crash must not bring all back at once. */
export function initialRetryMs(random: () => number): number {
  return RETRY_BASE_MS + Math.floor(random() * RETRY_SPREAD_MS);
}

/** The whole answer for one who has to come back: goodbye, with the time to wait. */
export function comeBackBytes(frames: Frames, retryMs: number, nowMs: number): Uint8Array {
  return frames.control(goodbyeMessage(goodbyes.drain, retryMs, nowMs), retryMs);
}
