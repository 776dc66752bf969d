import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { createStorage } from "unstorage";
import { atomicDriver } from "../../src/storage/atomic-driver.js";

/** Asks the database of a home directly, past everything that is tested. */
export function askDatabase(
  home: string,
  text: string,
  ...values: Array<string | number>
): Array<Record<string, SQLOutputValue>> {
  const database = new DatabaseSync(join(home, "jobs.db"), { timeout: 5_000 });
  try {
    return database.prepare(text).all(...values);
  } finally {
    database.close();
  }
}

/** The keys that begin with `prefix`. */
export function keysInDatabase(home: string, prefix = ""): string[] {
  const rows = askDatabase(
    home,
    "select key from records where key glob ? order by key",
    `${prefix}*`,
  );
  return rows.map(({ key }) => String(key));
}

/** As if the owners of all locks had said nothing for a minute. */
export function ageLocks(home: string): void {
  askDatabase(home, "update locks set heartbeat = heartbeat - 60000");
}

/** Makes a home what version 1 would have left: a file per record, and no database. */
export async function asVersion1(home: string): Promise<void> {
  const storage = createStorage({ driver: atomicDriver({ base: join(home, "records") }) });
  for (const { key, value } of askDatabase(home, "select key, value from records"))
    await storage.setItemRaw(String(key), value);
  for (const name of readdirSync(home).filter((name) => name.startsWith("jobs.db")))
    rmSync(join(home, name));
  writeFileSync(join(home, "home.json"), '{"v":1}\n');
}

/** Overwrites a part of the database file, from `from` up to `to` as shares of its length. */
export function damageDatabase(home: string, from: number, to: number): void {
  const path = join(home, "jobs.db");
  // The log's pages would stand in for the damaged ones.
  askDatabase(home, "pragma wal_checkpoint(truncate)");
  const bytes = readFileSync(path);
  bytes.fill(0xff, Math.floor(bytes.length * from), Math.floor(bytes.length * to));
  writeFileSync(path, bytes);
}
