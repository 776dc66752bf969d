import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { toStorageError } from "./file-errors.js";

/** Primary result codes, https://sqlite.org/rescode.html. The upper bytes of an extended code only say more. */
const BUSY = 5;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOTADB = 26;

/** Below this much free space, an error of the disk is taken for a full one: some of SQLite's calls don't say which it was. */
const FULL_BELOW_BYTES = 64 * 1024;

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** Whether the file is no database any more, or one whose pages contradict each other. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CORRUPT || code === NOTADB;
}

/** Whether another process had it for longer than our patience. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** Says in our words why SQLite failed, with the path and what to do; errors that are ours already stay. */
export function toDatabaseError(error: unknown, doing: string, path: string): InkwireError {
  if (isInkwireError(error)) return error;
  const what = `Could not ${doing} ${path}`;
  const code = primaryCode(error);
  if (code === FULL || (code === IOERR && isFull(path))) {
    return toStorageError(
      Object.assign(new Error("full", { cause: error }), { code: "ENOSPC" }),
      doing,
      path,
    );
  }
  if (isDamage(error)) {
    return new InkwireError("record_damaged", `${what}: the database is damaged.`, {
      hint: "End every inkwire that uses this home and start again: it is put aside then, and what can be read of it is kept.",
      cause: error,
    });
  }
  if (code === BUSY) {
    return new InkwireError("storage_failed", `${what}: another process keeps it locked.`, {
      retryable: true,
      hint: "Look for a program that has this file open, such as a backup.",
      cause: error,
    });
  }
  if (code === undefined) return toStorageError(error, doing, path);
  const detail = error instanceof Error ? error.message : String(error);
  return new InkwireError("storage_failed", `${what}: ${detail}.`, { cause: error });
}

function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < FULL_BELOW_BYTES;
  } catch {
    return false;
  }
}
