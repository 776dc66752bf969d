import { parseCursor, type Cursor } from "@inkwire/core/protocol";
import type { Clock } from "../environment.js";
import type { Memory } from "../memory.js";

/** A storage write costs more than a message: one a second is enough, since what is read again is dropped. */
const WRITE_EVERY_MS = 1_000;

/** The last id of each user. One user's is never another's, also in a storage that they share. */
export interface Cursors {
  readonly get: (userId: string | undefined) => Cursor | undefined;
  readonly set: (userId: string | undefined, cursor: Cursor) => void;
  /** Writes what is waiting. */
  readonly flush: () => void;
}

export function createCursors(memory: Memory, clock: Clock): Cursors {
  const known = new Map<string | undefined, Cursor | undefined>();
  const dirty = new Set<string>();
  let cancel: (() => void) | undefined;

  const flush = (): void => {
    cancel?.();
    cancel = undefined;
    for (const userId of dirty) memory.set(`cursor:${userId}`, known.get(userId) ?? "");
    dirty.clear();
  };
  return {
    get(userId) {
      if (!known.has(userId) && userId !== undefined) {
        const stored = memory.get(`cursor:${userId}`);
        known.set(userId, parseCursor(stored) && stored);
      }
      return known.get(userId);
    },
    set(userId, cursor) {
      known.set(userId, cursor);
      // Without a name it can't be told from another's after a reload.
      if (userId === undefined) return;
      dirty.add(userId);
      cancel ??= clock.after(WRITE_EVERY_MS, flush);
    },
    flush,
  };
}
