import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it; one that is there is fine. Not by `mkdir` with `recursive`, which never comes back
 * where the system answers ENOENT inside of a folder that exists, as below `/proc`.
 */
export async function makeFolder(directory: string): Promise<void> {
  if (await makeOne(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) await makeFolder(parent);
  // What is missing now is not above.
  await mkdir(directory).catch(ignoreExisting);
}

/** `false` when the folder above is missing. */
async function makeOne(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(directory)).isDirectory()) return true;
    if (code === "ENOENT" && (await isMissing(dirname(directory)))) return false;
    throw error;
  }
}

async function isMissing(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    () => true,
  );
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  // Another process was quicker.
  if (error.code !== "EEXIST") throw error;
}
