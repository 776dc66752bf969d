import { randomUUID } from "node:crypto";
import { constants, copyFile, link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file that is there whole or not at all: beside its place first, then moved.
 *
 * @param options.replace - whether a file that is there already may go. @default false
 * @returns `false` when there is a file already that may not go; nothing was changed then.
 */
export async function writeFileSafely(
  path: string,
  bytes: Uint8Array,
  options: { readonly replace?: boolean } = {},
): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await writeThrough(temporary, bytes);
    if (!options.replace) return await moveToFreePlace(temporary, path);
    await rename(temporary, path);
    return true;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename would replace what is there; a hard link refuses to, without a moment between looking and doing. */
async function moveToFreePlace(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems (exFAT, shared folders) know no hard links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
  }
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
