import { accessSync, constants, mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createStorage } from "unstorage";
import { InkwireError } from "../protocol/index.js";
import { atomicDriver } from "./atomic-driver.js";
import { createAtomicWriter } from "./atomic-file.js";
import { doing, ifThere, toStorageError } from "./file-errors.js";
import { createFileLocks } from "./file-locks.js";
import { createMemoryLocks } from "./memory-locks.js";
import type { Home } from "./types.js";

/** The layout of a home that this program writes. */
const HOME_VERSION = 1;

/**
 * Opens the folder that holds all state, and makes it, for this user only, if it is not there. Any number of processes
 * may have it open.
 *
 * Inside are `home.json` (its version), `records/` (one file per record), `locks/` and `sequences/`.
 *
 * @throws InkwireError `home_newer` when a newer version of this program made it, `record_damaged` when `home.json`
 *   cannot be understood, `storage_failed` when it is not a folder or cannot be written, `disk_full`.
 */
export async function openHome(directory: string): Promise<Home> {
  const path = resolve(directory);
  doing("open the folder", path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    // On Linux mkdir of an existing file says EEXIST; elsewhere it may not complain.
    if (!statSync(path).isDirectory())
      throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  });
  await checkMarker(path);
  const storage = createStorage({ driver: atomicDriver({ base: join(path, "records") }) });
  return {
    storage,
    locks: createFileLocks({ directory: path }),
    directory: path,
    close: () => storage.dispose(),
  };
}

/** A home in memory: for tests, and for programs that need no state after their end. */
export function createMemoryHome(): Home {
  return {
    storage: createStorage(),
    locks: createMemoryLocks(),
    directory: undefined,
    close: async () => {},
  };
}

async function checkMarker(directory: string): Promise<void> {
  const path = join(directory, "home.json");
  const text = doing("read", path, () => ifThere(path, (file) => readFileSync(file, "utf8")));
  if (text === undefined) {
    const writer = createAtomicWriter(join(directory, "records", ".tmp"));
    await writer.write(path, `${JSON.stringify({ v: HOME_VERSION })}\n`).catch((error: unknown) => {
      throw toStorageError(error, "write", path);
    });
    return;
  }
  const version = parseVersion(text);
  if (version === undefined) {
    throw new InkwireError("record_damaged", `The file ${path} is damaged.`, {
      hint: `If this folder is an inkwire home, replace the file's content with {"v":${HOME_VERSION}}.`,
    });
  }
  if (version > HOME_VERSION) {
    throw new InkwireError(
      "home_newer",
      `The folder ${directory} was made by a newer inkwire (version ${version}; this one knows up to ${HOME_VERSION}).`,
      { hint: "Update inkwire, or choose another home." },
    );
  }
}

function parseVersion(text: string): number | undefined {
  try {
    const value = JSON.parse(text) as { readonly v?: unknown } | null;
    return Number.isInteger(value?.v) && Number(value?.v) >= 1 ? Number(value?.v) : undefined;
  } catch {
    return undefined;
  }
}
