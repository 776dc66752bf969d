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
  const refusal = NOT_HERE.exec(text)?.[0] ?? "";
  if (refusal !== "" || text.startsWith("MISCONF")) {
    return new InkwireError("storage_failed", `Could not ${what}: Redis takes no writes now.`, {
      retryable: true,
      hint: hints[refusal] ?? "It cannot save to its disk, or is a replica: look at its log.",
      cause: error,
    });
  }
  return new InkwireError("storage_failed", `Could not ${what}: Redis did not answer.`, {
    retryable: true,
    cause: error,
  });
}

/** What a Redis begins its answer with that is not, or not now, the one to ask. */
const NOT_HERE = /^(READONLY|MASTERDOWN|NOREPLICAS|MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b|non local key/;

const moving =
  "Its slot is on its way to another server of the cluster: it goes on when that has ended.";
const hints: Readonly<Record<string, string>> = {
  MOVED:
    "It is another server of the cluster that has these keys: open it with the same prefix as what lies in it.",
  CLUSTERDOWN: "The Redis Cluster is down: look at it with redis-cli --cluster check.",
  NOREPLICAS: "It has fewer replicas than its min-replicas-to-write.",
  ASK: moving,
  TRYAGAIN: moving,
};

/**
 * Whether a Redis refused something because it is a replica, has not the slot, or not all of it while it moves: the primary has
 * to be looked for, and asked once more. Nothing was done, unless a slot left in the middle of a script.
 */
export function isRefusedHere(error: unknown): boolean {
  return NOT_HERE.test(textOf(error));
}

/** Whether nobody is at an address, or it can't be reached. */
export function isUnreachable(error: unknown): boolean {
  const { code = "" } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  return /^(ECONN|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code);
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
