import { type InkwireError, isInkwireError } from "../protocol/index.js";
import { retryDelayMs, type ResolvedRetry } from "./backoff.js";
import type { Checkpoints } from "./checkpoints.js";
import type { Clock } from "./clock.js";
import { asStored, describeStep, isPause, toStepError } from "./endings.js";
import type { JobEvent } from "./live-job.js";
import type { StepCall, StepRef } from "./types.js";

/** What the steps of a run share. */
export interface StepContext {
  readonly jobId: string;
  /** Aborts on cancel, a lost lease, and at the end of a shutdown's patience. */
  readonly signal: AbortSignal;
  /** Aborts when a shutdown begins: nothing new starts, what runs may reach its checkpoint. */
  readonly draining: AbortSignal;
  /** Lets what runs come to its checkpoint, and begins nothing further: what a step threw asks for that. */
  readonly pause: (reason: InkwireError) => void;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (event: JobEvent) => void;
  /** Works out the job's progress anew; `true` when it has changed. */
  readonly updateProgress: () => boolean;
  /** Which step an error came from, for the report of the failure. */
  readonly failures: WeakMap<object, StepRef>;
}

/** One step that is to be done. */
export interface StepTask {
  readonly ref: StepRef;
  /** Hash of what its result depends on. */
  readonly input: string;
  readonly retry: ResolvedRetry;
  /** The run's signal, or that of the siblings. */
  readonly signal: AbortSignal;
  /** Takes how far it is, 0 to 1. */
  readonly reach: (ratio: number) => void;
  readonly body: (call: StepCall) => Promise<unknown>;
}

/**
 * Does a step, or takes its result from an earlier run. In this order: look for the checkpoint, do the body with its
 * retries, save, announce. A result that was reached is saved even if the job was cancelled meanwhile: it was paid for.
 */
export async function performStep(context: StepContext, task: StepTask): Promise<unknown> {
  const { ref } = task;
  task.signal.throwIfAborted();
  try {
    const found = await context.checkpoints.find(ref, task.input);
    const value = found === undefined ? await attemptAndSave(context, task) : found.value;
    task.reach(1);
    context.updateProgress();
    context.tell({ type: "step_finished", step: ref, cached: found !== undefined, value });
    return value;
  } catch (error) {
    if (typeof error === "object" && error !== null) context.failures.set(error, ref);
    throw error;
  }
}

async function attemptAndSave(context: StepContext, task: StepTask): Promise<unknown> {
  const value = asStored(
    await attempt(context, task),
    `the result of the step "${describeStep(task.ref)}"`,
  );
  // Outside of the retries: when saving fails, doing the body again would only cost again.
  await context.checkpoints.save(task.ref, task.input, value);
  return value;
}

async function attempt(context: StepContext, task: StepTask): Promise<unknown> {
  const { ref, signal, retry } = task;
  for (let number = 1; ; number++) {
    context.draining.throwIfAborted();
    signal.throwIfAborted();
    context.tell({ type: "step_started", step: ref, attempt: number });
    try {
      return await task.body(callOf(context, task, number));
    } catch (error) {
      // What a body throws once it was told to stop is only how it stopped.
      signal.throwIfAborted();
      if (isPause(error)) context.pause(error);
      const delayMs = retryDelayMs(error, number, retry, context.random);
      if (delayMs === undefined || !isInkwireError(error)) throw toStepError(error, ref);
      // A wait is as good as a checkpoint: nothing is lost by stopping here.
      context.draining.throwIfAborted();
      context.tell({
        type: "retrying",
        step: ref,
        attempt: number + 1,
        maxAttempts: retry.maxAttempts,
        retryAt: new Date(context.clock.now() + delayMs).toISOString(),
        error: { code: error.code, message: error.message, retryable: true },
      });
      await context.clock.sleep(delayMs, AbortSignal.any([signal, context.draining]));
    }
  }
}

function callOf(context: StepContext, task: StepTask, attemptNumber: number): StepCall {
  return {
    jobId: context.jobId,
    step: task.ref,
    signal: task.signal,
    attempt: attemptNumber,
    progress(ratio) {
      task.reach(ratio);
      if (context.updateProgress()) context.tell({ type: "step_progress", step: task.ref });
    },
  };
}
