import { isInkwireError } from "../protocol/index.js";
import type { Lease } from "../storage/types.js";
import type { Clock } from "./clock.js";
import { pausedByUser } from "./endings.js";
import type { Entry } from "./entry.js";
import type { JobStore } from "./job-store.js";

/** How often a running job looks whether another process asked to cancel or pause it, in milliseconds. */
export const LOOK_FOR_CANCEL_MS = 250;

export interface WatchDeps {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly leaseRenewMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * While a job runs: says "still alive" to other processes, and hears from them. Aborts the entry when its lease is lost
 * or its cancel is asked for, and drains it when its pause is.
 *
 * @returns how to stop; resolves when nothing of it is under way.
 */
export function watchOver(entry: Entry, deps: WatchDeps, lease: Lease): { stop(): Promise<void> } {
  // Stopped with a reason of its own: the default one is an exception, whose making costs more than the rest.
  const over = new AbortController();
  const renew = async () => {
    try {
      await lease.renew();
    } catch (error) {
      // Anything else, such as a disk that is busy, may pass: the lease lives for several heartbeats.
      if (!isInkwireError(error, "lease_lost")) throw error;
      entry.stop(error);
    }
  };
  const look = async () => {
    if (await deps.store.isCancelAsked(entry.id)) entry.cancel();
    else if (await deps.store.isPauseAsked(entry.id)) entry.pause(pausedByUser());
  };
  // One timer for both: most jobs of a busy queue end before it fires once.
  const watch = async () => {
    let renewAt = deps.clock.now() + deps.leaseRenewMs;
    while (!over.signal.aborted) {
      try {
        await deps.clock.sleep(Math.min(LOOK_FOR_CANCEL_MS, deps.leaseRenewMs), over.signal);
      } catch {
        return;
      }
      await look().catch(deps.onError);
      if (deps.clock.now() < renewAt) continue;
      renewAt = deps.clock.now() + deps.leaseRenewMs;
      await renew().catch(deps.onError);
    }
  };
  const watching = watch();
  return {
    async stop() {
      over.abort("over");
      await watching;
    },
  };
}
