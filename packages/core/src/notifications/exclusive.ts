import { setTimeout as sleep } from "node:timers/promises";
import { InkwireError } from "../protocol/index.js";
import type { WriteLease } from "../storage/records.js";
import type { Lease, Locks } from "../storage/types.js";

/** Does one thing at a time to what a name stands for, in this process and in all that share the home. */
export interface Exclusive {
  /**
   * Runs `work` alone. What it writes goes with its lease: had it stood still for so long that another process took over,
   * that is refused.
   *
   * @throws InkwireError `storage_failed`, retryable, when another process holds `name` for too long; what `work` throws.
   */
  run<T>(name: string, work: (lease: WriteLease) => Promise<T>): Promise<T>;
}

/**
 * How long another process is waited for, in milliseconds. Its work takes a few; one that vanished on another machine holds
 * the name until its lease ends, after 15 s.
 */
const MAX_WAIT_MS = 20_000;
const MAX_PAUSE_MS = 40;

export function createExclusive(locks: Locks): Exclusive {
  // The end of the line for each name, so that those of this process come one after the other, in order.
  const tails = new Map<string, Promise<unknown>>();

  return {
    async run(name, work) {
      const before = tails.get(name);
      const turn = (async () => {
        await before?.catch(() => {});
        const lease = await acquire(locks, name);
        try {
          return await work(lease);
        } finally {
          await lease.release();
        }
      })();
      tails.set(name, turn);
      try {
        return await turn;
      } finally {
        if (tails.get(name) === turn) tails.delete(name);
      }
    },
  };
}

async function acquire(locks: Locks, name: string): Promise<Lease> {
  let waitedMs = 0;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const lease = await locks.acquire(name);
    if (lease !== undefined) return lease;
    if (waitedMs >= MAX_WAIT_MS) {
      throw new InkwireError("storage_failed", `Another process holds ${name} for too long.`, {
        retryable: true,
      });
    }
    // The machine's time, whatever clock the notifications go by: it is another process that is waited for.
    await sleep(pauseMs);
    waitedMs += pauseMs;
  }
}
