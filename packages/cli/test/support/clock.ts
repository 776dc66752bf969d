import type { Clock } from "../../src/output/clock.js";

export interface TestClock extends Clock {
  /** Lets time pass; listeners are called when their time has come. */
  advance(ms: number): void;
}

export function createTestClock(start = Date.UTC(2026, 10, 22, 21, 10, 4)): TestClock {
  let now = start;
  const timers = new Set<{ ms: number; due: number; listener: () => void }>();
  return {
    now: () => new Date(now),
    every(ms, listener) {
      const timer = { ms, due: now + ms, listener };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...timers].sort((a, b) => a.due - b.due)[0];
        if (next === undefined || next.due > end) break;
        now = next.due;
        next.due += next.ms;
        next.listener();
      }
      now = end;
    },
  };
}
