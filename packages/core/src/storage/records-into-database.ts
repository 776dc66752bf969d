import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InkwireError } from "../protocol/index.js";
import { itemFiles } from "./atomic-driver.js";
import type { Database } from "./database.js";
import { doing, ifThere } from "./file-errors.js";
import { createFileLocks } from "./file-locks.js";
import { isKey } from "./keys.js";
import type { Lease } from "./types.js";

/** Where a version 1 of a home had the records that are in the database since version 2. */
export const DATABASE_PREFIXES = ["cancels", "jobs", "pauses", "steps"] as const;

const LOOK_AGAIN_MS = 20;

/**
 * Brings the records of jobs, which version 1 of a home had as a file each, into the database, and calls `done` when they are on
 * disk there. One process at a time does it, any other waits; one that is killed on the way has changed nothing yet that
 * version 1 would miss, and the next one begins again.
 *
 * @param isDone - looks whether another process has done it meanwhile.
 * @throws InkwireError `storage_failed` when an older inkwire works in this home right now.
 */
export async function moveIntoDatabase(
  directory: string,
  database: Database,
  { isDone, done }: { readonly isDone: () => boolean; readonly done: () => Promise<void> },
): Promise<void> {
  const alone = join(directory, "migrating");
  const lease = await takeTurn(alone, isDone);
  if (lease === undefined) return;
  try {
    if (isDone()) return;
    await refuseIfInUse(directory);
    // What an earlier attempt brought may be older than the files by now.
    await importAll(directory, database, "replace");
    await done();
    removeFiles(directory);
  } finally {
    await lease.release();
    // Who waited for this looks first whether it is done, and then needs no turn any more.
    if (isDone()) rmSync(alone, { recursive: true, force: true });
  }
}

/**
 * Takes what an older inkwire that was still open has written since, or what a kill left of the files: what the database has
 * already is newer.
 */
export async function takeLeftovers(directory: string, database: Database): Promise<void> {
  const isThere = (prefix: string) =>
    ifThere(join(directory, "records", prefix), () => true) ?? false;
  if (!DATABASE_PREFIXES.some(isThere)) return;
  await importAll(directory, database, "ignore");
  removeFiles(directory);
}

async function importAll(
  directory: string,
  database: Database,
  over: "replace" | "ignore",
): Promise<void> {
  await database.write("bring records into", () => {
    const put = database.sql(`insert or ${over} into records (key, value) values (?, ?)`);
    for (const prefix of DATABASE_PREFIXES) {
      for (const { key, path } of itemFiles(join(directory, "records"), prefix)) {
        // Gone since it was listed: another process that opened the home had it on disk in the database first.
        const bytes = ifThere(path, (file) => readFileSync(file));
        if (bytes !== undefined) put.run(key, asStored(bytes));
      }
    }
  });
  // The files go after this, so a power cut must not take it back.
  doing("flush", database.path, () => database.flush());
}

/** Text, so that it can be read in the database; what is none is damaged, and stays as it is for whoever reads it. */
function asStored(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

function removeFiles(directory: string): void {
  const folders = DATABASE_PREFIXES.map((prefix) => join("records", prefix));
  // The locks too: an older one that slept through this finds that it has lost its lease, and writes nothing further.
  for (const folder of [...folders, "locks"])
    rmSync(join(directory, folder), { recursive: true, force: true });
}

async function refuseIfInUse(directory: string): Promise<void> {
  const locks = createFileLocks({ directory });
  for (const folder of ifThere(join(directory, "locks"), (path) => readdirSync(path)) ?? []) {
    const name = folder.replaceAll(".", ":");
    if (!isKey(name) || !(await locks.isHeld(name))) continue;
    throw new InkwireError("storage_failed", `An older inkwire is at work in ${directory}.`, {
      retryable: true,
      hint: "End it, then start again: this one brings the home up to date first.",
    });
  }
}

async function takeTurn(directory: string, isDone: () => boolean): Promise<Lease | undefined> {
  for (;;) {
    if (isDone()) return undefined;
    const lease = await createFileLocks({ directory }).acquire("migration");
    if (lease !== undefined) return lease;
    await sleep(LOOK_AGAIN_MS);
  }
}
