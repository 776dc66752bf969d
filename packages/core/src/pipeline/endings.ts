import { InkwireError, isInkwireError } from "../protocol/index.js";
import type { JobStatus, StepRef } from "./types.js";

/** Whether a job has its end; only a resume changes it again. */
export function isEnded(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** Why a run was told to stop: the reason of its signal. */
export function cancelledByUser(): InkwireError {
  return new InkwireError("cancelled", "The job was cancelled.");
}

/** See {@link cancelledByUser}: steps that run may reach their checkpoints, and no further one begins. */
export function pausedByUser(): InkwireError {
  return new InkwireError("paused", "The job was paused; a resume goes on.");
}

/** Whether an error asks for a pause instead of telling of a failure: whatever runs beside it comes to its checkpoint. */
export function isPause(error: unknown): error is InkwireError {
  return isInkwireError(error, "paused") || isInkwireError(error, "budget_exceeded");
}

/** See {@link cancelledByUser}: this process ends, and a later one goes on. */
export function stoppedByShutdown(): InkwireError {
  return new InkwireError(
    "aborted",
    "The job was stopped because this process ends; a resume goes on.",
    {
      retryable: true,
    },
  );
}

/** What siblings of a failed item get as the reason of their signal. */
export function stoppedBySibling(name: string): InkwireError {
  return new InkwireError("aborted", `Another item of step ${JSON.stringify(name)} failed.`);
}

/** A step, for people: `outline`, or `chapter 3 of 12`. */
export function describeStep({ name, index, count }: StepRef): string {
  if (index === undefined) return name;
  return count === undefined ? `${name} ${index + 1}` : `${name} ${index + 1} of ${count}`;
}

/**
 * The error that a failed step leaves. What is not ours may tell of paths or keys, so its text stays in the `cause`.
 */
export function toStepError(error: unknown, step: StepRef): InkwireError {
  if (isInkwireError(error)) return error;
  return new InkwireError("step_failed", `The step "${describeStep(step)}" failed unexpectedly.`, {
    cause: error,
  });
}

/**
 * A value as it will be read from storage, so that the first run and a resumed one go on with the same.
 *
 * @param what - such as `the result of the step "outline"`.
 * @throws InkwireError `code` for what JSON cannot hold: circles, BigInt.
 */
export function asStored(
  value: unknown,
  what: string,
  code: "step_failed" | "invalid_option" = "step_failed",
): unknown {
  try {
    // Its types hide that functions and `undefined` have no text.
    const text = JSON.stringify(value) as string | undefined;
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    throw new InkwireError(code, `Expected ${what} to be JSON.`, { cause: error });
  }
}
