/** Who wants to hear of something. */
export interface Listeners<T> {
  /** Gives back how to stop. */
  readonly on: (listener: (value: T) => void) => () => void;
  /** @returns whether anybody wanted it */
  readonly emit: (value: T) => boolean;
}

/** @param onThrow - told what a listener throws; the other listeners are called all the same. */
export function createListeners<T>(onThrow: (thrown: unknown) => void): Listeners<T> {
  const entries = new Set<{ readonly call: (value: T) => void }>();
  return {
    on(call) {
      // An object of its own: one function given twice is called twice, and each stops for itself.
      const entry = { call };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    emit(value) {
      // A copy: what a listener adds is for the next one. What it removed is not called any more.
      const round = [...entries];
      for (const entry of round) {
        if (!entries.has(entry)) continue;
        try {
          entry.call(value);
        } catch (thrown) {
          onThrow(thrown);
        }
      }
      return round.length > 0;
    },
  };
}
