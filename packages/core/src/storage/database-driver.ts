import { defineDriver, type Driver } from "unstorage";
import type { Database } from "./database.js";
import { assertKey, isKey } from "./keys.js";
import { leaseLost } from "./lease.js";
import type { Fence } from "./types.js";

export interface DatabaseDriverOptions {
  readonly database: Database;
  /** What its keys begin with in the database, such as `jobs`. */
  readonly prefix: string;
}

const GET = "select value from records where key = ?";
const HAS = "select 1 from records where key = ?";
const PUT =
  "insert into records (key, value) values (?, ?) on conflict do update set value = excluded.value";
const PUT_FENCED = `insert into records (key, value) select ?, ?
  where exists (select 1 from locks where name = ? and token = ? and free = 0)
  on conflict do update set value = excluded.value`;
const REMOVE = "delete from records where key = ?";
const KEYS = "select key from records where key >= ? and key < ? order by key";

/**
 * A driver for unstorage that keeps each item in a row: for the many small records of jobs, which as files of their own would cost
 * a hundred times as much. The same promises as `atomicDriver`, and the same errors.
 */
export const databaseDriver: (
  options: DatabaseDriverOptions,
) => Driver<DatabaseDriverOptions, Database> = defineDriver((options: DatabaseDriverOptions) => {
  const { database, prefix } = options;
  const fullKey = (key: string) => `${prefix}:${assertKey(key)}`;
  const read = (key: string) => {
    const full = fullKey(key);
    return database.read("read", () => database.sql(GET).get(full)?.["value"] ?? null);
  };
  const write = async (
    key: string,
    value: string | Uint8Array,
    { fence }: { readonly fence?: Fence } = {},
  ) => {
    const full = fullKey(key);
    if (fence === undefined) {
      await database.run("write to", PUT, full, value);
      return;
    }
    const { name, token } = fence;
    const { changes } = await database.run("write to", PUT_FENCED, full, value, name, token);
    if (changes === 0) throw leaseLost();
  };

  return {
    name: "inkwire-database",
    options,
    getInstance: () => database,
    hasItem(key) {
      const full = fullKey(key);
      return database.read("read", () => database.sql(HAS).get(full) !== undefined);
    },
    getItem: (key) => asText(read(key)),
    getItemRaw: read,
    setItem: write,
    setItemRaw: (key, value: unknown, options) => write(key, asValue(value), options),
    async removeItem(key) {
      await database.run("write to", REMOVE, fullKey(key));
    },
    getKeys(base: string | undefined) {
      const below = base === undefined || base === "" ? "" : base.replace(/:$/, "");
      if (below !== "" && !isKey(below)) return [];
      const start = below === "" ? `${prefix}:` : `${prefix}:${below}:`;
      // ";" follows ":", and no key has either of them elsewhere.
      const rows = database.read("read", () =>
        database.sql(KEYS).all(start, `${start.slice(0, -1)};`),
      );
      return rows.map((row) => String(row["key"]).slice(prefix.length + 1));
    },
    dispose: () => database.close(),
  };
});

function asText(value: unknown): string | null {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  return typeof value === "string" ? value : null;
}

function asValue(value: unknown): string | Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`Expected a string or bytes to store raw, got ${typeof value}`);
}
