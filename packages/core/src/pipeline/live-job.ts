import { toWireError, type WireError } from "../protocol/index.js";
import type { Lease } from "../storage/types.js";
import type { Clock } from "./clock.js";
import type { JobStore } from "./job-store.js";
import type { Job, JobReport, JobStatus } from "./types.js";

/** A report without the job, which is added where it is told. */
export type JobEvent = JobReport extends infer Report
  ? Report extends JobReport
    ? Omit<Report, "job">
    : never
  : never;

/** How long progress may wait to be written down, in milliseconds. What ends a job is written at once. */
export const SAVE_EVERY_MS = 250;

/** A job while it runs here: its newest state, told at once and written down from time to time. */
export interface LiveJob {
  readonly job: Job;
  change(change: Partial<Omit<Job, "id">>): void;
  /** Puts another state in place of one that could not be written. */
  restore(before: Job): void;
  tell(event: JobEvent): void;
  /** Writes the newest state within {@link SAVE_EVERY_MS}; calls in between cost nothing. */
  saveSoon(): void;
  /** Writes the newest state now. @throws InkwireError `lease_lost`, `disk_full`, `storage_failed`. */
  save(): Promise<void>;
  /** Writes nothing further, and resolves when nothing is being written. */
  stop(): Promise<void>;
}

export interface LiveJobOptions {
  readonly job: Job;
  /** Checked before each write, so that a process that slept does not overwrite its successor's state. */
  readonly lease: Lease;
  readonly store: JobStore;
  readonly clock: Clock;
  readonly report: (report: JobReport) => void;
  /** Told when progress could not be written; the run goes on. */
  readonly onSaveError: (error: unknown) => void;
}

export function createLiveJob(options: LiveJobOptions): LiveJob {
  const { lease, store, clock } = options;
  let job = options.job;
  let waiting: AbortController | undefined;
  let writing: Promise<void> = Promise.resolve();

  let lastTime = Number.NaN;
  let lastText = "";
  /** Progress comes in bursts, and most of a change would go into writing the same time down again. */
  const textOf = (time: number): string => {
    if (time !== lastTime) lastText = new Date(time).toISOString();
    lastTime = time;
    return lastText;
  };
  const cancelWaiting = () => {
    waiting?.abort("written now");
    waiting = undefined;
  };
  const writeAfter = async (before: Promise<void>) => {
    await before;
    await store.put(job, lease);
  };
  const write = (): Promise<void> => {
    // One after the other: of two writes at once the older could come last.
    const written = writeAfter(writing);
    writing = written.catch(() => {});
    return written;
  };
  const writeLater = async (own: AbortController) => {
    try {
      await clock.sleep(SAVE_EVERY_MS, own.signal);
    } catch {
      return;
    }
    waiting = undefined;
    await write().catch(options.onSaveError);
  };

  return {
    get job() {
      return job;
    },
    change(change) {
      // One reading of the clock: a job that has ended was changed last at its end.
      const updatedAt = change.finishedAt ?? textOf(clock.now());
      job = { ...job, ...change, updatedAt };
    },
    restore(before) {
      job = before;
    },
    tell: (event) => options.report({ job, ...event }),
    saveSoon() {
      if (waiting !== undefined) return;
      waiting = new AbortController();
      void writeLater(waiting);
    },
    async save() {
      cancelWaiting();
      await write();
    },
    async stop() {
      cancelWaiting();
      await writing;
    },
  };
}

/** How a job looks at its end. */
export function endedAs(
  status: JobStatus,
  clock: Clock,
  more: { readonly result?: unknown; readonly error?: unknown } = {},
): Partial<Job> {
  const error: { error?: WireError } =
    more.error === undefined ? {} : { error: toWireError(more.error) };
  const result = more.result === undefined ? {} : { result: more.result };
  return { status, finishedAt: new Date(clock.now()).toISOString(), ...result, ...error };
}
