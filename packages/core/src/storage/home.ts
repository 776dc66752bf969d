import { accessSync, constants, mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { createStorage } from "unstorage";
import { InkwireError } from "../protocol/index.js";
import { atomicDriver } from "./atomic-driver.js";
import { createAtomicWriter } from "./atomic-file.js";
import { doing, ifThere, toStorageError } from "./file-errors.js";
import { createDatabase } from "./database.js";
import { databaseDriver } from "./database-driver.js";
import { createDatabaseLocks } from "./database-locks.js";
import { createFileLocks } from "./file-locks.js";
import { createMemoryLocks } from "./memory-locks.js";
import { DATABASE_PREFIXES, moveIntoDatabase, takeLeftovers } from "./records-into-database.js";
import type { Home } from "./types.js";

/** The layout of a home that this program writes. */
const HOME_VERSION = 2;

/**
 * Opens the folder that holds all state, and makes it, for this user only, if it is not there. Any number of processes
 * may have it open.
 *
 * Inside are `home.json` (its version), `records/` (one file per record), `sequences/`, and `jobs.db`, a SQLite database with the many
 * small records of jobs and with all locks. A home of version 1, which had files for these too, is brought up to date.
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
  const marker = createMarker(path);
  // Made and loaded at its first use.
  const database = createDatabase(join(path, "jobs.db"));
  try {
    if ((marker.read() ?? HOME_VERSION) < HOME_VERSION) {
      await moveIntoDatabase(path, database, {
        isDone: () => marker.read() === HOME_VERSION,
        done: () => marker.write(),
      });
    } else {
      await takeLeftovers(path, database);
    }
    if (marker.read() === undefined) await marker.write();
  } catch (error) {
    database.close();
    throw error;
  }
  const storage = createStorage({ driver: atomicDriver({ base: join(path, "records") }) });
  for (const prefix of DATABASE_PREFIXES)
    storage.mount(prefix, databaseDriver({ database, prefix }));
  const files = createFileLocks({ directory: path });
  return {
    storage,
    locks: {
      ...createDatabaseLocks({ database }),
      nextNumber: (sequence) => files.nextNumber(sequence),
    },
    directory: path,
    async close() {
      await storage.dispose();
      database.close();
    },
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

/** The file that says which version a home has. */
function createMarker(directory: string) {
  const path = join(directory, "home.json");
  return {
    /** `undefined` where there is none yet. @throws InkwireError `home_newer`, `record_damaged`. */
    read(): number | undefined {
      const text = doing("read", path, () => ifThere(path, (file) => readFileSync(file, "utf8")));
      if (text === undefined) return undefined;
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
      return version;
    },
    async write(): Promise<void> {
      const writer = createAtomicWriter(join(directory, "records", ".tmp"));
      const text = `${JSON.stringify({ v: HOME_VERSION })}\n`;
      await writer.write(path, text).catch((error: unknown) => {
        throw toStorageError(error, "write", path);
      });
    },
  };
}

function parseVersion(text: string): number | undefined {
  try {
    const value = JSON.parse(text) as { readonly v?: unknown } | null;
    return Number.isInteger(value?.v) && Number(value?.v) >= 1 ? Number(value?.v) : undefined;
  } catch {
    return undefined;
  }
}
