import type { Storage } from "./environment.js";

/** A few small strings that outlive the page, where there is a storage. */
export interface Memory {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** A storage that is full, forbidden or absent is one that remembers nothing. */
export function createMemory(storage: Storage | null | undefined, prefix: string): Memory {
  return {
    get(key) {
      try {
        return storage?.getItem(prefix + key) ?? undefined;
      } catch {
        return undefined;
      }
    },
    set(key, value) {
      try {
        storage?.setItem(prefix + key, value);
      } catch {
        // It is only a convenience.
      }
    },
  };
}
