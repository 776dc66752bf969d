import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { ifThere } from "./file-errors.js";

/** The most that a power cut takes back of what is written without pause, in milliseconds. */
const FLUSH_EVERY_MS = 100;

/** Brings what was committed from the kernel's cache onto the disk, behind whoever committed it. */
export interface Flusher {
  /** At once when the last flush is a while ago, and else as soon as it is. */
  flushSoon(): void;
  /** Flushes all that was committed, and waits for it. */
  flush(): void;
  /** Flushes what is left. */
  close(): void;
}

/**
 * A kill takes nothing back that was committed; a power cut could. SQLite can flush at each commit, but then the event loop
 * stands still until the disk has turned. Here the disk works in the thread pool, for all commits since the last time.
 *
 * @param path - SQLite's write-ahead log. It has no locks that closing it here could break: those are on the other two files.
 */
export function createFlusher(path: string): Flusher {
  let file: number | undefined;
  let isDirty = false;
  let isUnderWay = false;
  let isOver = false;
  let wait: NodeJS.Timeout | undefined;

  /** There is no such log where the file system cannot have one: SQLite flushes at each commit there. */
  const log = () => (file ??= ifThere(path, (log) => openSync(log, "r+")));
  const flushBehind = () => {
    wait = undefined;
    if (!isDirty || isUnderWay || isOver) return;
    isDirty = false;
    let file: number | undefined;
    try {
      file = log();
    } catch {
      // Too many open files, say. What was committed stays so, and the next commit tries again.
      isDirty = true;
    }
    if (file === undefined) return;
    isUnderWay = true;
    fdatasync(file, (error) => {
      isUnderWay = false;
      isDirty ||= error !== null;
      if (isOver) return release();
      wait = setTimeout(flushBehind, FLUSH_EVERY_MS);
      wait.unref();
    });
  };
  const release = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };

  return {
    flushSoon() {
      isDirty = true;
      if (wait === undefined && !isUnderWay) flushBehind();
    },
    flush() {
      const file = log();
      if (file !== undefined) fdatasyncSync(file);
    },
    close() {
      if (isOver) return;
      isOver = true;
      clearTimeout(wait);
      try {
        if (isDirty && file !== undefined) fdatasyncSync(file);
      } catch {
        // It is committed all the same, and the last to close writes everything into the database itself.
      }
      if (!isUnderWay) release();
    },
  };
}
