import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ifThere, systemCode } from "./file-errors.js";

/** A file that is named by a number: an owner of a lock, or a number of a sequence. */
export interface NumberedFile {
  readonly number: number;
  /** Its name ends in {@link RELEASED}. */
  readonly released: boolean;
}

/** What is added to the name of an owner's file when the owner lets go. */
export const RELEASED = ".free";

/** The highest number in a folder; where it is there twice, the released one: the other was made after an old look and goes again. */
export function newestIn(folder: string): NumberedFile | undefined {
  let newest: NumberedFile | undefined;
  for (const entry of list(folder)) {
    const higher = newest === undefined || entry.number > newest.number;
    if (higher || (entry.number === newest?.number && entry.released)) newest = entry;
  }
  return newest;
}

/** Removes the files of all numbers below `number`. */
export function removeBelow(folder: string, number: number): void {
  for (const entry of list(folder)) {
    if (entry.number < number) rmSync(join(folder, entry.name), { force: true });
  }
}

/**
 * Creates the file of `number` with `content`, or gives back `false` when it is there already. Of all processes that try
 * at once, one succeeds: everything here rests on that.
 */
export function createNumbered(
  folder: string,
  number: number,
  fill: (file: number) => void,
): boolean {
  const path = join(folder, String(number));
  const file = openNew(folder, path);
  if (file === undefined) return false;
  try {
    fill(file);
    return true;
  } catch (error) {
    // A full disk: an empty file would look like an owner who is just beginning.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function openNew(folder: string, path: string): number | undefined {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return undefined;
    if (systemCode(error) !== "ENOENT") throw error;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openNew(folder, path);
  }
}

function list(folder: string): Array<NumberedFile & { readonly name: string }> {
  const names = ifThere(folder, (path) => readdirSync(path)) ?? [];
  return names.flatMap((name) => {
    const match = /^(\d{1,15})(\.free)?$/.exec(name);
    return match === null
      ? []
      : [{ name, number: Number(match[1]), released: match[2] !== undefined }];
  });
}
