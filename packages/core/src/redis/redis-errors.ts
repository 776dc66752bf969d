import { InkwireError, isInkwireError } from "../protocol/index.js";

/**
 * Says in our words why Redis did not do something. The original is the `cause`; errors that are ours already stay.
 *
 * @param what - what was tried, as the end of "Could not …".
 */
export function toRedisError(error: unknown, what: string): InkwireError {
  if (isInkwireError(error)) return error;
  const text = textOf(error);
  if (text.startsWith("OOM")) {
    return new InkwireError("disk_full", `Could not ${what}: Redis is full.`, {
      retryable: true,
      hint: "Raise maxmemory, then resume: what was saved before is whole.",
      cause: error,
    });
  }
  if (text.startsWith("MISCONF") || isReplicaRefusal(error)) {
    return new InkwireError("storage_failed", `Could not ${what}: Redis takes no writes now.`, {
      retryable: true,
      hint: "It cannot save to its disk, or is a replica: look at its log.",
      cause: error,
    });
  }
  return new InkwireError("storage_failed", `Could not ${what}: Redis did not answer.`, {
    retryable: true,
    cause: error,
  });
}

/** Whether a Redis refused a write because it is a replica: nothing of it was done. */
export function isReplicaRefusal(error: unknown): boolean {
  return textOf(error).startsWith("READONLY");
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does `act`, and turns what it rejects with into {@link toRedisError}'s words. */
export async function doingInRedis<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toRedisError(error, what);
  }
}
