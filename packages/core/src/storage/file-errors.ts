import { statSync } from "node:fs";
import { InkwireError, isInkwireError } from "../protocol/index.js";

/** The `code` of an error of the operating system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether the file or folder is simply not there. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  // ENOTDIR: a part of the path is a file, so there is nothing below it.
  return code === "ENOENT" || code === "ENOTDIR";
}

/**
 * Does `act` with what is at `path`, or gives back `undefined` when nothing is there. Any other trouble, such as a folder
 * that may not be searched, stays an error: taken for "nothing there", it would invite to write over what cannot be seen.
 */
export function ifThere<T>(path: string, act: (path: string) => T): T | undefined {
  // Nothing there is common, and an exception costs ten times as much as this look.
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return act(path);
  } catch (error) {
    // Another process was faster.
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Says in our words why a file operation failed, with the path and what to do. The original is the `cause`.
 *
 * @param doing - what was tried, as the middle of "Could not … <path>".
 */
export function toStorageError(error: unknown, doing: string, path: string): InkwireError {
  const code = systemCode(error);
  const what = `Could not ${doing} ${path}`;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new InkwireError("disk_full", `${what}: the disk is full.`, {
        retryable: true,
        hint: "Free some space, then resume: what was saved before is whole.",
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return new InkwireError("storage_failed", `${what}: permission denied.`, {
        hint: "Give this user the right to write there, or choose another folder.",
        cause: error,
      });
    case "EROFS":
      return new InkwireError("storage_failed", `${what}: the file system is read-only.`, {
        hint: "Choose a folder on a file system that can be written.",
        cause: error,
      });
    case "ENOTDIR":
    case "EEXIST":
      return new InkwireError(
        "storage_failed",
        `${what}: a part of this path is a file, not a folder.`,
        {
          hint: "Move the file away, or choose another folder.",
          cause: error,
        },
      );
    case "EMFILE":
    case "ENFILE":
      return new InkwireError("storage_failed", `${what}: too many files are open.`, {
        retryable: true,
        hint: "Raise the limit of open files (ulimit -n).",
        cause: error,
      });
    default:
      return new InkwireError(
        "storage_failed",
        `${what}${code === undefined ? "" : `: ${code}`}.`,
        { cause: error },
      );
  }
}

/** Does `act`, and turns what it throws into {@link toStorageError}'s words; errors that are ours already stay. */
export function doing<T>(what: string, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isInkwireError(error) ? error : toStorageError(error, what, path);
  }
}
