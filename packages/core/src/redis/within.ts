import { InkwireError } from "../protocol/index.js";

/** Does `act`, and rejects with {@link notThere} when that takes longer. */
export async function within<T>(ms: number, act: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(notThere()), ms);
  try {
    return await Promise.race([act(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

export function notThere(): InkwireError {
  return new InkwireError("storage_failed", "Redis does not answer.", { retryable: true });
}
