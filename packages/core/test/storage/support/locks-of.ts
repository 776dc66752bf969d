import { join } from "node:path";
import { createDatabase } from "../../../src/storage/database.js";
import { createDatabaseLocks } from "../../../src/storage/database-locks.js";
import { createFileLocks } from "../../../src/storage/file-locks.js";
import type { Locks } from "../../../src/storage/types.js";

/** The locks in a folder, of files or in a database; numbers come from files in both, as in a home. */
export function locksOf(kind: string, directory: string, now: () => number = Date.now): Locks {
  const files = createFileLocks({ directory, now });
  if (kind === "file") return files;
  const database = createDatabase(join(directory, "jobs.db"));
  return {
    ...createDatabaseLocks({ database, now }),
    nextNumber: (name) => files.nextNumber(name),
  };
}
