import { closeSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { InkwireError } from "../protocol/index.js";
import { isBusy, isDamage, toDatabaseError } from "./database-errors.js";
import { aloneWith, isMarkedDamaged, putAside } from "./database-salvage.js";
import { doing, systemCode } from "./file-errors.js";
import { loadSqlite } from "./sqlite.js";

/** How the tables look that this program makes: SQLite's `user_version`. */
const SCHEMA_VERSION = 1;

/** How long a process waits for another one's transaction, in milliseconds. One takes far less than one of these. */
const BUSY_MS = 5_000;

// Values are JSON text; bytes that are none, such as of a damaged record, are kept as they are.
const SCHEMA = `
  create table records (key text primary key, value) without rowid;
  create table locks (
    name text primary key, token integer not null, pid integer not null, host text not null, start text,
    heartbeat integer not null, free integer not null
  ) without rowid;
  pragma user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the database at `path`, and makes it, for this user only, if it is not there.
 *
 * @throws InkwireError `record_damaged` when it was none or could not be read: it was put aside then, what could be read of it is in
 *   a new one, and the next opening finds that. `home_newer` when a newer version of this program made it, `disk_full`, `storage_failed`.
 */
export function openDatabaseFile(path: string): DatabaseSync {
  const sound = openSound(path);
  if ("file" in sound) return sound.file;
  return doing("put aside", path, () =>
    aloneWith(path, () => {
      // Another process may have done it since: what is there now would be the new one.
      const again = openSound(path);
      if ("file" in again) return again.file;
      throw putAside(path, open, again.damage);
    }),
  );
}

/** The database, or what is wrong with it. */
function openSound(path: string): { readonly file: DatabaseSync } | { readonly damage: unknown } {
  if (isMarkedDamaged(path)) return { damage: undefined };
  try {
    return { file: open(path) };
  } catch (error) {
    if (isDamage(error)) return { damage: error };
    throw toDatabaseError(error, "open", path);
  }
}

function open(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  make(path);
  const file = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    patiently(() => {
      // A log that is written beside the database: a commit is one append, and readers never wait.
      const mode = file.prepare("pragma journal_mode = wal").get()?.["journal_mode"];
      // Flushed by us, see flusher.ts. Without the log a commit that is not flushed could tear.
      if (mode === "wal") file.exec("pragma synchronous = normal");
      prepareSchema(file, path);
    });
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function prepareSchema(file: DatabaseSync, path: string): void {
  if (versionOf(file, path) === SCHEMA_VERSION) return;
  file.exec("begin immediate");
  try {
    // Another process may have made them while this one waited.
    if (versionOf(file, path) === 0) file.exec(SCHEMA);
    file.exec("commit");
  } catch (error) {
    if (file.isTransaction) file.exec("rollback");
    throw error;
  }
}

function versionOf(file: DatabaseSync, path: string): number {
  const version = Number(file.prepare("pragma user_version").get()?.["user_version"]);
  if (version > SCHEMA_VERSION) {
    throw new InkwireError(
      "home_newer",
      `The database ${path} was made by a newer inkwire (version ${version}; this one knows up to ${SCHEMA_VERSION}).`,
      { hint: "Update inkwire, or choose another home." },
    );
  }
  return version;
}

/** SQLite would make it readable for others, and its log takes the mode from it. */
function make(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

/** Some steps of making a database are refused at once, whatever the patience, when two processes take them together. */
function patiently(act: () => void): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt++) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || attempt === 50) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}
