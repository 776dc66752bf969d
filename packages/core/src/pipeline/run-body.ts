import { InkwireError, isInkwireError } from "../protocol/index.js";
import type { Lease } from "../storage/types.js";
import { openCheckpoints, type CheckpointRecords } from "./checkpoints.js";
import type { Clock } from "./clock.js";
import { asStored, isPause } from "./endings.js";
import type { Entry } from "./entry.js";
import type { LiveJob } from "./live-job.js";
import { pipelineFor, type AnyPipeline } from "./pipelines.js";
import { createProgress } from "./progress.js";
import { createRun } from "./run.js";
import type { StepRef } from "./types.js";

/** How a run ended, before it is written down. */
export type Outcome =
  | { readonly type: "completed"; readonly result: unknown }
  | { readonly type: "failed"; readonly error: unknown; readonly step: StepRef | undefined }
  | { readonly type: "cancelled" }
  | { readonly type: "interrupted"; readonly paused?: InkwireError }
  /** Another process took the job over. */
  | { readonly type: "lost"; readonly error: unknown };

export interface BodyDeps {
  readonly pipelines: ReadonlyMap<string, AnyPipeline>;
  readonly checkpoints: CheckpointRecords;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

/** Runs the body of a job's pipeline until it, and every step that it began, has really ended. Never rejects. */
export async function runBody(
  entry: Entry,
  live: LiveJob,
  lease: Lease,
  deps: BodyDeps,
): Promise<Outcome> {
  const { job } = live;
  const failures = new WeakMap<object, StepRef>();
  // Aborts with the entry's signal, or when the body failed. `AbortSignal.any` does the same for three times the cost.
  const stop = new AbortController();
  const stopToo = () => stop.abort(entry.signal.reason);
  try {
    entry.signal.throwIfAborted();
    entry.signal.addEventListener("abort", stopToo, { once: true });
    const pipeline = pipelineFor(deps.pipelines, job);
    // It was made for this pipeline; which type it is, only the pipeline knows.
    const input = job.input as never;
    const progress = createProgress(pipeline.plan(input), job.progress);
    const checkpoints = await openCheckpoints(deps.checkpoints, job.id, lease, {
      now: () => deps.clock.now(),
      // Another process may have taken it from storage and run it before: the first owner ever has token 1.
      isNew: entry.isNew && lease.token === 1,
    });

    live.change({ status: "processing" });
    live.tell({
      type: "started",
      resumed: entry.resumed || checkpoints.any || job.status === "processing",
    });
    live.saveSoon();

    const run = createRun({
      jobId: job.id,
      owner: job.owner,
      signal: stop.signal,
      draining: entry.draining,
      pause: (reason) => entry.pause(reason),
      checkpoints,
      clock: deps.clock,
      random: deps.random,
      progress,
      failures,
      onError: deps.onError,
      tell: (event) => live.tell(event),
      updateProgress() {
        const value = progress.value();
        if (value === live.job.progress) return false;
        live.change({ progress: value });
        live.saveSoon();
        return true;
      },
    });
    try {
      const result = await pipeline.body(run, input);
      await run.end();
      entry.signal.throwIfAborted();
      return {
        type: "completed",
        result: asStored(result, `the result of the pipeline "${pipeline.name}"`),
      };
    } catch (error) {
      // Steps that nobody waits for any more are told to stop; in a shutdown they may reach their checkpoints.
      if (!entry.draining.aborted)
        stop.abort(new InkwireError("aborted", "The job failed.", { cause: error }));
      await run.end();
      throw error;
    }
  } catch (error) {
    return outcomeOf(error, entry, failures);
  } finally {
    entry.signal.removeEventListener("abort", stopToo);
  }
}

function outcomeOf(error: unknown, entry: Entry, failures: WeakMap<object, StepRef>): Outcome {
  // Once it was told to stop, what the body throws is only how it stopped.
  const reason: unknown = entry.signal.aborted ? entry.signal.reason : error;
  if (isInkwireError(reason, "lease_lost")) return { type: "lost", error: reason };
  if (entry.signal.aborted)
    return { type: isInkwireError(reason, "cancelled") ? "cancelled" : "interrupted" };
  if (entry.draining.aborted && isCausedBy(error, entry.draining.reason)) return interrupted(entry);
  const step = typeof error === "object" && error !== null ? failures.get(error) : undefined;
  return { type: "failed", error, step };
}

function interrupted({ draining }: Entry): Outcome {
  const reason: unknown = draining.reason;
  return isPause(reason) ? { type: "interrupted", paused: reason } : { type: "interrupted" };
}

/** A body may wrap what it catches. */
function isCausedBy(error: unknown, reason: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current === reason) return true;
  }
  return error === reason;
}
