import { InkwireError } from "../protocol/index.js";

/** Does `act`, and rejects with `late` when that takes longer. */
export async function within<T>(
  ms: number,
  act: () => Promise<T>,
  late: () => Error = notThere,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  try {
    return await Promise.race([act(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function notThere(): InkwireError {
  return new InkwireError("storage_failed", "Redis does not answer.", { retryable: true });
}
