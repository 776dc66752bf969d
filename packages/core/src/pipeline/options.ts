import { InkwireError } from "../protocol/index.js";
import { LEASE_TTL_MS } from "../storage/lease.js";
import type { Home } from "../storage/types.js";
import { systemClock, type Clock } from "./clock.js";
import { createEmbeddedQueue } from "./embedded-queue.js";
import { byName, type AnyPipeline } from "./pipelines.js";
import type { JobSignals } from "./signals.js";
import type { JobQueue, JobReport } from "./types.js";

export interface JobsOptions {
  /** Where jobs and checkpoints are kept. It stays open when the jobs are closed. */
  readonly home: Home;
  readonly pipelines: readonly AnyPipeline[];
  /** Told what jobs do, those of one job in order. What it throws goes to `onError` and harms no job. */
  readonly onReport?: ((report: JobReport) => void) | undefined;
  /** Told what went wrong beside a job's own end: a damaged record, a step's unexpected error with its cause, a throwing `onReport`. @default a warning of the process */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** How many jobs run at once here. @default 2 */
  readonly concurrency?: number | undefined;
  /** @default the machine's */
  readonly clock?: Clock | undefined;
  /** Gives a number in `[0, 1)`, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Who runs when; gets what runs a job. @default one in this process, by priority and fair between owners */
  readonly queue?: ((work: (jobId: string) => Promise<void>) => JobQueue) | undefined;
  /** Tells the other processes of the home at once what they would else find when they look. @default nobody */
  readonly signals?: JobSignals | undefined;
  /** How often a running job says that it lives, in milliseconds: 10 to half of what the home lets an owner be silent for, 15 s in a folder. @default a third of it */
  readonly leaseRenewMs?: number | undefined;
}

/** The options as the inside sees them: checked and complete. */
export interface ResolvedJobsOptions {
  readonly home: Home;
  readonly pipelines: ReadonlyMap<string, AnyPipeline>;
  readonly onReport: (report: JobReport) => void;
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly createQueue: (work: (jobId: string) => Promise<void>) => JobQueue;
  readonly leaseRenewMs: number;
  readonly leaseTtlMs: number;
  readonly signals: JobSignals | undefined;
}

/** Checks and fills the options. @throws InkwireError `invalid_option` that says which and what to give instead. */
export function resolveJobsOptions(options: JobsOptions): ResolvedJobsOptions {
  const concurrency = options.concurrency ?? 2;
  const leaseTtlMs = options.home.locks.leaseTtlMs ?? LEASE_TTL_MS;
  const leaseRenewMs = options.leaseRenewMs ?? Math.floor(leaseTtlMs / 3);
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected concurrency to be an integer >= 1, got ${concurrency}`,
    );
  }
  if (!(leaseRenewMs >= 10 && leaseRenewMs <= leaseTtlMs / 2)) {
    throw new InkwireError(
      "invalid_option",
      `Expected leaseRenewMs to be from 10 to ${leaseTtlMs / 2} (half of a lease's life), got ${leaseRenewMs}`,
    );
  }
  return {
    home: options.home,
    pipelines: byName(options.pipelines),
    onReport: options.onReport ?? (() => {}),
    onError: shielded(options.onError ?? warn),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    createQueue: options.queue ?? ((work) => createEmbeddedQueue({ concurrency, work })),
    leaseRenewMs,
    leaseTtlMs,
    signals: options.signals,
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error.message : String(error), "InkwireWarning");
}

/** A handler of errors that throws has nobody left to tell. */
function shielded(handler: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      handler(error);
    } catch {
      // Nothing: see above.
    }
  };
}
