import { setImmediate } from "node:timers/promises";

/** A clock for a gateway: it stands still, and its timers tick only while it is moved. */
export interface SweepClock {
  readonly now: () => number;
  readonly every: (ms: number, tick: () => void) => () => void;
  /** Moves it, with each tick at its own moment; then lets what that set off go as far as it can. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly ms: number;
  readonly tick: () => void;
  next: number;
}

/** @param start - milliseconds since 1970. @default 2026-01-01 */
export function createSweepClock(start = Date.UTC(2026, 0, 1)): SweepClock {
  let time = start;
  const timers = new Set<Timer>();
  return {
    now: () => time,
    every(ms, tick) {
      const timer = { ms, tick, next: time + ms };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const target = time + ms;
      for (;;) {
        const due = [...timers].filter(({ next }) => next <= target);
        const [first] = due.toSorted((a, b) => a.next - b.next);
        if (first === undefined) break;
        time = first.next;
        first.next += first.ms;
        first.tick();
        await setImmediate();
      }
      time = target;
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    },
  };
}
