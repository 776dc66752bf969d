import type { DatabaseSync } from "node:sqlite";
import { InkwireError } from "../protocol/index.js";

/** What is used of `node:sqlite`. */
export interface Sqlite {
  readonly DatabaseSync: typeof DatabaseSync;
}

/**
 * Node's own SQLite, loaded when it is first needed: most commands end without it.
 *
 * Node 22 warns that it is experimental whenever it is loaded. That is for us to know and not for whoever writes a book, so
 * this one warning is kept back; every other goes on its way.
 *
 * @throws InkwireError `storage_failed` on a runtime that has none.
 */
export function loadSqlite(): Sqlite {
  const emitWarning = Reflect.get(process, "emitWarning") as (...args: unknown[]) => void;
  const emitOthers = (...args: unknown[]) => {
    if (!String(args[0]).startsWith("SQLite is an experimental feature"))
      Reflect.apply(emitWarning, process, args);
  };
  Reflect.set(process, "emitWarning", emitOthers);
  try {
    const sqlite = process.getBuiltinModule("node:sqlite") as Sqlite | undefined;
    if (sqlite !== undefined) return sqlite;
  } finally {
    Reflect.set(process, "emitWarning", emitWarning);
  }
  throw new InkwireError("storage_failed", "This runtime has no node:sqlite.", {
    hint: "Run inkwire with Node 22.18 or newer.",
  });
}
