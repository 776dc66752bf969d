import { type InkwireError, isInkwireError, toWireError } from "../protocol/index.js";
import type { Lease, Locks } from "../storage/types.js";
import type { Entry } from "./entry.js";
import { isEnded, isPause, pausedByUser } from "./endings.js";
import { createLiveJob, endedAs, type LiveJob } from "./live-job.js";
import { runBody, type BodyDeps, type Outcome } from "./run-body.js";
import type { Job, JobReport, StepRef } from "./types.js";
import { watchOver, type WatchDeps } from "./watch.js";

/** What running a job needs. */
export interface JobDeps extends BodyDeps, WatchDeps {
  readonly locks: Locks;
  readonly report: (report: JobReport) => void;
}

/** The lock of a job. */
export function lockOf(jobId: string): string {
  return `jobs:${jobId}`;
}

/**
 * Runs a job to its end, to its cancel or to a shutdown, as the only one who does. Never rejects.
 *
 * @returns how it ended here; `undefined` when a living process has it, or when it had ended already.
 */
export async function runJob(entry: Entry, deps: JobDeps): Promise<Job | undefined> {
  try {
    const lease = await deps.locks.acquire(lockOf(entry.id));
    if (lease === undefined) return undefined;
    try {
      return await runOwned(entry, deps, lease);
    } finally {
      await lease.release().catch(deps.onError);
    }
  } catch (error) {
    deps.onError(error);
    // Nothing could be read or locked, so nothing is written; whoever waits has to hear of it all the same.
    if (entry.job === undefined) return undefined;
    const job = { ...entry.job, ...endedAs("failed", deps.clock, { error }) };
    deps.report({ job, type: "failed", error: toWireError(error) });
    return job;
  }
}

async function runOwned(entry: Entry, deps: JobDeps, lease: Lease): Promise<Job | undefined> {
  const isFirst = entry.isNew && lease.token === 1;
  const job = isFirst ? await newJobOf(entry, deps) : await deps.store.get(entry.id);
  if (job === undefined || isEnded(job.status)) return undefined;
  // Who wanted to stop a job that nobody ever owned has taken its lease for that, or comes later, and is heard by the watch.
  if (!isFirst) {
    if (await deps.store.isCancelAsked(entry.id)) entry.cancel();
    else if (await deps.store.isPauseAsked(entry.id)) entry.pause(pausedByUser());
  }

  const { store, clock, report, onError } = deps;
  const live = createLiveJob({ job, lease, store, clock, report, onSaveError: onError });
  entry.live = live;
  const waits: unknown = entry.signal.aborted ? undefined : entry.draining.reason;
  if (isPause(waits)) {
    // It never began here, so it keeps its place among those that wait.
    await settle({ type: "interrupted", paused: waits }, entry, live, deps);
    return live.job;
  }
  const watch = watchOver(entry, deps, lease);
  const outcome = await runBody(entry, live, lease, deps);
  await watch.stop();
  await live.stop();
  await settle(outcome, entry, live, deps);
  return live.job;
}

/** A job that nobody ever owned is stored as it was put in line here, unless it was removed. */
async function newJobOf(entry: Entry, deps: JobDeps): Promise<Job | undefined> {
  return (await deps.store.has(entry.id)) ? entry.job : undefined;
}

/** Writes the end of a run down, and tells it: in this order, so that what is told is true after a kill as well. */
async function settle(outcome: Outcome, entry: Entry, live: LiveJob, deps: JobDeps): Promise<void> {
  switch (outcome.type) {
    case "completed":
      return end(
        entry,
        live,
        deps,
        { ...endedAs("completed", deps.clock, outcome), progress: 100 },
        () => live.tell({ type: "completed" }),
      );
    case "cancelled":
      return end(entry, live, deps, endedAs("cancelled", deps.clock), () =>
        live.tell({ type: "cancelled" }),
      );
    case "failed":
      if (!isInkwireError(outcome.error) || outcome.error.cause !== undefined)
        deps.onError(outcome.error);
      return end(entry, live, deps, endedAs("failed", deps.clock, outcome), () =>
        tellFailure(live, outcome.error, outcome.step),
      );
    case "interrupted":
      return interrupt(live, deps, outcome.paused);
    case "lost":
      deps.onError(outcome.error);
      return live.tell({ type: "interrupted" });
  }
}

/** A pause is written down before the wish for it goes: whatever dies in between, the job stays paused. */
async function interrupt(
  live: LiveJob,
  deps: JobDeps,
  reason: InkwireError | undefined,
): Promise<void> {
  const paused = reason && toWireError(reason);
  if (paused !== undefined) live.change({ paused });
  try {
    await live.save();
    if (paused !== undefined) await deps.store.forgetPause(live.job.id);
  } catch (error) {
    deps.onError(error);
  }
  live.tell({ type: "interrupted", ...(paused === undefined ? {} : { paused }) });
}

async function end(
  entry: Entry,
  live: LiveJob,
  deps: JobDeps,
  change: Partial<Job>,
  tell: () => void,
): Promise<void> {
  const before = live.job;
  live.change({ ...change, paused: undefined });
  try {
    await live.save();
  } catch (error) {
    deps.onError(error);
    // In storage the job is unfinished now, and a later resume goes on. Here that is an interruption when another
    // process has it, and else a failure: the one that was to be written, or that it could not be written.
    if (isInkwireError(error, "lease_lost")) {
      live.restore(before);
      return live.tell({ type: "interrupted" });
    }
    if (live.job.status === "failed") return tell();
    live.restore({ ...before, ...endedAs("failed", deps.clock, { error }) });
    return tellFailure(live, error, undefined);
  }
  // A wish that came after the last look stays: whoever resumes the job takes it back first.
  if (entry.signal.aborted || entry.draining.aborted) {
    await deps.store.forgetCancel(before.id).catch(deps.onError);
    await deps.store.forgetPause(before.id).catch(deps.onError);
  }
  tell();
}

function tellFailure(live: LiveJob, error: unknown, step: StepRef | undefined): void {
  live.tell({ type: "failed", error: toWireError(error), ...(step === undefined ? {} : { step }) });
}
