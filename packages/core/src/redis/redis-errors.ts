import { InkwireError, isInkwireError } from "../protocol/index.js";

/**
 * Says in our words why Redis did not do something. The original is the `cause`; errors that are ours already stay.
 *
 * @param what - what was tried, as the end of "Could not …".
 */
export function toRedisError(error: unknown, what: string): InkwireError {
  if (isInkwireError(error)) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (text.startsWith("OOM")) {
    return new InkwireError("disk_full", `Could not ${what}: Redis is full.`, {
      retryable: true,
      hint: "Raise maxmemory, then resume: what was saved before is whole.",
      cause: error,
    });
  }
  if (text.startsWith("MISCONF") || text.startsWith("READONLY")) {
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

/** Does `act`, and turns what it rejects with into {@link toRedisError}'s words. */
export async function doingInRedis<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toRedisError(error, what);
  }
}
