import type { Clock } from "../environment.js";

/** A clock that moves only when the test says so. */
export interface VirtualClock extends Clock {
  /** Lets `ms` pass: timers run in their order, each at its time, and what they set off is waited for. */
  advance(ms: number): Promise<void>;
  /** A laptop's sleep: `ms` pass at once, and what was due meanwhile runs late, afterwards. */
  sleep(ms: number): Promise<void>;
  /** How many timers wait. */
  readonly pending: number;
}

/** Turns of the event loop that are waited for after each timer: enough for promises and streams in memory. */
const TURNS = 5;

/** @param start - milliseconds since 1970. @default 2026-01-01 */
export function createVirtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((done) => setTimeout(done));
  }
  async function runUntil(end: number): Promise<void> {
    await settle();
    for (;;) {
      const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.run();
      await settle();
    }
    now = Math.max(now, end);
  }
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => runUntil(now + ms),
    sleep(ms) {
      now += ms;
      return runUntil(now);
    },
    get pending() {
      return timers.size;
    },
  };
}
