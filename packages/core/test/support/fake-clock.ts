import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/pipeline/clock.js";

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Lets `ms` pass: every sleep that ends within wakes at its own moment, in order, also those that begin on the way. */
  advance(ms: number): Promise<void>;
  /** How long the sleeps that are under way still have, in milliseconds, shortest first. */
  readonly sleeping: readonly number[];
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** @param start - milliseconds since 1970. @default 2026-01-01 */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start;
  const sleepers = new Set<Sleeper>();
  const next = () => [...sleepers].toSorted((a, b) => a.until - b.until)[0];

  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const abort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason as Error);
        };
        const wake = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper = { until: time + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", abort, { once: true });
      }),
    async advance(ms) {
      const target = time + ms;
      await settle();
      for (
        let sleeper = next();
        sleeper !== undefined && sleeper.until <= target;
        sleeper = next()
      ) {
        time = Math.max(time, sleeper.until);
        sleepers.delete(sleeper);
        sleeper.wake();
        await settle();
      }
      time = target;
    },
    get sleeping() {
      return [...sleepers].map(({ until }) => until - time).toSorted((a, b) => a - b);
    },
  };
}

/** Lets everything that waits for nothing but other promises go as far as it can. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate();
}
