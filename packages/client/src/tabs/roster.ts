import { parseCursor, type Cursor, type Topic } from "@inkwire/core/protocol";

/** A tab that said nothing for so long, throttled timers included, is gone: its topics are not wanted any more. */
const FORGET_MS = 180_000;

interface Other {
  readonly topics: readonly Topic[];
  /** Where it must be served from; `undefined` once it hears what all hear. */
  readonly cursor: Cursor | undefined;
  readonly seenAt: number;
}

/** What the other tabs want. Every member keeps one, so that the next leader knows at once. */
export interface Roster {
  /** @returns whether its topics are others than before. */
  heard(from: string, topics: readonly Topic[], cursor: Cursor | undefined): boolean;
  gone(from: string): boolean;
  /** One, or all, hear what all hear. */
  served(from?: string): void;
  /** Theirs and `own`, sorted, each once. */
  topics(own: readonly Topic[]): readonly Topic[];
  /** The earliest place that `own` or one of them needs, in the history of the first that has one. */
  cursor(own: Cursor | undefined): Cursor | undefined;
}

export function createRoster(now: () => number): Roster {
  const others = new Map<string, Other>();
  const living = (): readonly Other[] => {
    for (const [key, { seenAt }] of others) if (seenAt < now() - FORGET_MS) others.delete(key);
    return [...others.values()];
  };
  return {
    heard(from, topics, cursor) {
      const before = others.get(from);
      others.set(from, { topics, cursor: cursor ?? before?.cursor, seenAt: now() });
      return before?.topics.join() !== topics.join();
    },
    gone: (from) => others.delete(from),
    served(from) {
      for (const [key, other] of others) {
        if (from === undefined || from === key) others.set(key, { ...other, cursor: undefined });
      }
    },
    topics: (own) => [...new Set([...own, ...living().flatMap(({ topics }) => topics)])].sort(),
    cursor: (own) =>
      [own, ...living().map(({ cursor }) => cursor)].reduce((first, next) =>
        first === undefined || isBefore(next, first) ? next : first,
      ),
  };
}

/** Of another history, a tab finds out by itself that it must begin anew. */
function isBefore(cursor: Cursor | undefined, other: Cursor): boolean {
  const [a, b] = [parseCursor(cursor), parseCursor(other)];
  return a !== undefined && b !== undefined && a.epoch === b.epoch && a.seq < b.seq;
}
