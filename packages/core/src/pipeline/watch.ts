import { InkwireError, isInkwireError } from "../protocol/index.js";
import type { Lease } from "../storage/types.js";
import type { Clock } from "./clock.js";
import { pausedByUser } from "./endings.js";
import type { Entry } from "./entry.js";
import type { JobStore } from "./job-store.js";
import { LOOK_EVERY_MS, type JobSignals } from "./signals.js";

export interface WatchDeps {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly leaseRenewMs: number;
  /** How long an owner lives without a heartbeat, in milliseconds. */
  readonly leaseTtlMs: number;
  readonly signals: JobSignals | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * While a job runs: says "still alive" to other processes, and hears from them. Aborts the entry when its lease is lost,
 * when nothing answered for as long as a lease lives, or when its cancel is asked for, and drains it when its pause is.
 *
 * @returns how to stop; resolves when nothing of it is under way.
 */
export function watchOver(entry: Entry, deps: WatchDeps, lease: Lease): { stop(): Promise<void> } {
  // Stopped with a reason of its own: the default one is an exception, whose making costs more than the rest.
  const over = new AbortController();
  /** Since when it tries in vain. Not since it last succeeded: a machine that slept has done nothing meanwhile. */
  let inVainSince: number | undefined;
  const renew = async () => {
    inVainSince ??= deps.clock.now();
    try {
      await lease.renew();
      inVainSince = undefined;
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
  const { signals, leaseRenewMs, leaseTtlMs } = deps;
  const lookEveryMs = signals === undefined ? LOOK_EVERY_MS.alone : LOOK_EVERY_MS.signalled;
  const stopListening = signals?.listen((signal) => {
    if (signal.jobId === entry.id && signal.type !== "ended") void look().catch(deps.onError);
  });
  const looks = atMostOne(look, deps.onError);
  const renewals = atMostOne(renew, deps.onError);
  // What was said before it listened is stored, and would else be seen late.
  if (signals !== undefined) looks.begin();
  // One timer for all: most jobs of a busy queue end before it fires once. What it begins is not waited for, so that it sees
  // when that hangs.
  const watch = async () => {
    let renewAt = deps.clock.now() + leaseRenewMs;
    while (!over.signal.aborted) {
      try {
        await deps.clock.sleep(Math.min(lookEveryMs, leaseRenewMs), over.signal);
      } catch {
        return;
      }
      looks.begin();
      // By now another process may have taken over, and what is done here may be done there as well.
      if (inVainSince !== undefined && deps.clock.now() - inVainSince > leaseTtlMs)
        entry.stop(unheard());
      if (deps.clock.now() < renewAt) continue;
      renewAt = deps.clock.now() + leaseRenewMs;
      renewals.begin();
    }
  };
  const watching = watch();
  return {
    async stop() {
      stopListening?.();
      over.abort("over");
      await Promise.all([watching, looks.idle(), renewals.idle()]);
    },
  };
}

/** Begins `act` unless it is under way still. */
function atMostOne(act: () => Promise<void>, onError: (error: unknown) => void) {
  let running: Promise<void> | undefined;
  return {
    begin() {
      running ??= act()
        .catch(onError)
        .finally(() => (running = undefined));
    },
    idle: async () => running,
  };
}

function unheard(): InkwireError {
  return new InkwireError(
    "lease_lost",
    "The storage did not answer for so long that another process may have taken over this work.",
    { retryable: true, hint: "It goes on once the storage answers." },
  );
}
