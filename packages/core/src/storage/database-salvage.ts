import {
  closeSync,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { InkwireError } from "../protocol/index.js";
import { systemCode } from "./file-errors.js";
import { loadSqlite } from "./sqlite.js";

/** A process that puts a database aside has this file beside it, and takes far less than so many milliseconds. */
const ALONE = ".salvaging";
const ALONE_MS = 60_000;
/** Beside a database in which damage was met while it was in use: the next to open it puts it aside. */
const MARK = ".damaged";

export function markDamaged(path: string): void {
  try {
    writeFileSync(path + MARK, "");
  } catch {
    // Whoever meets the damage next says it again.
  }
}

export function isMarkedDamaged(path: string): boolean {
  return existsSync(path + MARK);
}

/** Does `act` where no other process does the same. @throws InkwireError `storage_failed` */
export function aloneWith<T>(path: string, act: () => T): T {
  const mark = path + ALONE;
  const stat = statSync(mark, { throwIfNoEntry: false });
  // Whose process was killed would keep all others out.
  if (stat !== undefined && Date.now() - stat.mtimeMs > ALONE_MS) rmSync(mark, { force: true });
  try {
    closeSync(openSync(mark, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    throw new InkwireError("storage_failed", `Another process is mending ${path}.`, {
      retryable: true,
      hint: "Try again in a minute.",
    });
  }
  try {
    return act();
  } finally {
    rmSync(mark, { force: true });
  }
}

/**
 * Puts a damaged database aside, byte for byte, and a new one in its place with all rows that can still be read.
 *
 * @param create - makes an empty database.
 * @returns what happened, for whoever wanted to open it: not hearing of it would be a silent loss.
 */
export function putAside(
  path: string,
  create: (path: string) => DatabaseSync,
  cause: unknown,
): InkwireError {
  const aside = `${path}.damaged-${new Date().toISOString().replaceAll(/[-:.]/g, "").toLowerCase()}`;
  // First the new one, whole: a kill on the way leaves the damaged one where it is, and this begins again.
  const fresh = `${path}.salvaged`;
  removeDatabase(fresh);
  const target = create(fresh);
  const rows = salvage(path, target);
  target.close();
  for (const part of ["", "-wal"]) {
    if (existsSync(path + part)) renameSync(path + part, aside + part);
  }
  removeDatabase(path);
  renameSync(fresh, path);
  rmSync(path + MARK, { force: true });
  return new InkwireError(
    "record_damaged",
    `The database ${path} was damaged. It was moved to ${aside}, and ${rows === 1 ? "1 record" : `${rows} records`} could be read from it.`,
    {
      hint: "Start again: it goes on with those. What is missing has to be done again.",
      cause,
    },
  );
}

/** Copies all rows that can be read: from both ends, since a reading stops at the first damaged page. */
function salvage(from: string, target: DatabaseSync): number {
  let rows = 0;
  let source: DatabaseSync | undefined;
  try {
    source = new (loadSqlite().DatabaseSync)(from);
    const put = target.prepare("insert or ignore into records (key, value) values (?, ?)");
    for (const order of ["asc", "desc"]) {
      target.exec("begin");
      try {
        const all = source.prepare(`select key, value from records order by key ${order}`);
        for (const { key, value } of all.iterate())
          rows += Number(put.run(key ?? null, value ?? null).changes);
      } catch {
        // This far and no further.
      }
      target.exec("commit");
    }
  } catch {
    // Not a database at all.
  }
  source?.close();
  return rows;
}

function removeDatabase(path: string): void {
  for (const part of ["", "-wal", "-shm"]) rmSync(path + part, { force: true });
}
