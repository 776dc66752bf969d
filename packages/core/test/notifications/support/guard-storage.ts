import type { Storage } from "unstorage";

type Write = (key: string, ...rest: unknown[]) => Promise<void>;

/** Runs `before` ahead of each write or removal below `prefix`; what it throws is how that ends. Gives back how to stop. */
export function guardStorage(
  storage: Storage,
  call: "setItem" | "removeItem",
  prefix: string,
  before: () => Promise<void>,
): () => void {
  const original = storage[call];
  // Overloaded by the type of the value, which does not matter here.
  const write = original.bind(storage) as Write;
  const guarded: Write = async (key, ...rest) => {
    if (key.startsWith(prefix)) await before();
    return write(key, ...rest);
  };
  Object.assign(storage, { [call]: guarded });
  return () => void Object.assign(storage, { [call]: original });
}
