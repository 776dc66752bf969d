/** A value that changes, for any framework: read it, and be told when there is a new one. */
export interface Store<T> {
  /** The value now. The same object until it changes, so that frameworks can compare by identity. */
  get(): T;
  /** Calls `listener` on each change, not at once. Gives back how to stop; a second call of that does nothing. */
  subscribe(listener: (value: T) => void): () => void;
}

export interface WritableStore<T> extends Store<T> {
  /** Tells all listeners, unless `value` is the one it has. */
  set(value: T): void;
}

/**
 * @param onThrow - told what a listener throws; the other listeners are called all the same.
 */
export function createStore<T>(
  value: T,
  onThrow: (thrown: unknown) => void = reportLater,
): WritableStore<T> {
  const listeners = new Set<{ readonly call: (value: T) => void }>();
  return {
    get: () => value,
    subscribe(call) {
      // An object of its own: one function subscribed twice is called twice, and each stops for itself.
      const listener = { call };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of new Set(listeners)) {
        // Removed by one before it in this very round, or the value has moved on and it was told of the newer one.
        if (!listeners.has(listener) || !Object.is(next, value)) continue;
        try {
          listener.call(next);
        } catch (thrown) {
          onThrow(thrown);
        }
      }
    },
  };
}

/** Like an event listener's exception: the program's global handler hears of it, and nobody here is interrupted. */
function reportLater(thrown: unknown): void {
  setTimeout(() => {
    throw thrown;
  });
}
