type Handler<T> = (value: T) => void;

/** Who wants to hear what, by name. */
export interface Emitter<T> {
  readonly on: (name: string, handler: Handler<T>) => () => void;
  /** @returns whether anybody wanted it */
  readonly emit: (name: string, value: T) => boolean;
}

/** @param guard - calls a handler of the program, and keeps what it throws from the others. */
export function createEmitter<T>(guard: (call: () => void) => void): Emitter<T> {
  const byName = new Map<string, Set<{ readonly handler: Handler<T> }>>();
  return {
    on(name, handler) {
      // An object of its own: a function given twice is called twice, and each stops for itself.
      const entry = { handler };
      const entries = byName.get(name) ?? new Set();
      byName.set(name, entries.add(entry));
      return () => void entries.delete(entry);
    },
    emit(name, value) {
      const entries = byName.get(name);
      const isWanted = entries !== undefined && entries.size > 0;
      // A copy: what a handler adds is for the next one. What it removed is not called any more.
      if (isWanted) {
        for (const entry of new Set(entries)) {
          if (entries.has(entry)) guard(() => entry.handler(value));
        }
      }
      return isWanted;
    },
  };
}
