import { createListeners } from "./listeners.js";

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
 * Makes a value that changes and can be listened to.
 *
 * @param onThrow - told what a listener throws; the other listeners are called all the same.
 */
export function createStore<T>(
  value: T,
  onThrow: (thrown: unknown) => void = reportLater,
): WritableStore<T> {
  const { on, emit } = createListeners<T>(onThrow);
  return {
    get: () => value,
    subscribe: (listener) =>
      on((next) => {
        // Else the value has moved on in this very round, and it was told of the newer one.
        if (Object.is(next, value)) listener(next);
      }),
    set(next) {
      if (!Object.is(next, value)) emit((value = next));
    },
  };
}

/** Like an event listener's exception: the program's global handler hears of it, and nobody here is interrupted. */
function reportLater(thrown: unknown): void {
  setTimeout(() => {
    throw thrown;
  });
}
