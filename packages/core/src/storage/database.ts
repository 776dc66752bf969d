import type {
  DatabaseSync,
  SQLInputValue,
  StatementResultingChanges,
  StatementSync,
} from "node:sqlite";
import { InkwireError } from "../protocol/index.js";
import { openDatabaseFile } from "./database-file.js";
import { isDamage, toDatabaseError } from "./database-errors.js";
import { markDamaged } from "./database-salvage.js";
import { createFlusher, type Flusher } from "./flusher.js";

/** One SQLite file that several processes share, opened when it is first used. */
export interface Database {
  /** Where the file is. */
  readonly path: string;
  /** Gives a statement, prepared once. */
  sql(text: string): StatementSync;
  /** Reads now. `what` says for people what failed. */
  read<T>(what: string, act: () => T): T;
  /**
   * Does `act` in a transaction, and resolves once that is committed: no kill takes it back then. What is asked for in one turn
   * of the event loop shares a transaction, since a commit costs ten times what a row does.
   *
   * `act` may run twice: when the shared transaction fails, each is tried alone.
   */
  write<T>(what: string, act: () => T): Promise<T>;
  /** The same for one statement, which is a transaction by itself when nothing shares it. */
  run(what: string, text: string, ...values: SQLInputValue[]): Promise<StatementResultingChanges>;
  /** Waits until all that was committed survives a power cut too; by itself that follows within a tenth of a second. */
  flush(): void;
  close(): void;
}

interface Waiting {
  readonly what: string;
  readonly act: () => unknown;
  readonly isOneStatement: boolean;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Opens the database at `path`, or rather will: a command that needs none of it does not even load SQLite. */
export function createDatabase(path: string): Database {
  const statements = new Map<string, StatementSync>();
  let opened: { readonly file: DatabaseSync; readonly flusher: Flusher } | undefined;
  let isClosed = false;
  let line: Waiting[] = [];

  const open = () => {
    if (isClosed) throw new InkwireError("closed", "This home is closed.");
    if (opened === undefined) {
      const file = openDatabaseFile(path);
      opened = { file, flusher: createFlusher(`${path}-wal`) };
    }
    return opened;
  };
  const sql = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = open().file.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };

  const explained = (error: unknown, what: string) => {
    if (isDamage(error)) markDamaged(path);
    return toDatabaseError(error, what, path);
  };

  /** One transaction for all of `batch`: their results, or an error and nothing is done. */
  const transact = (batch: readonly Waiting[]): unknown[] => {
    if (batch.length === 1 && batch[0]?.isOneStatement === true) return [batch[0].act()];
    const { file } = open();
    // At once for writing: one that begins by reading may find at its first write that another process was faster.
    sql("begin immediate").run();
    try {
      const results = batch.map(({ act }) => act());
      sql("commit").run();
      return results;
    } catch (error) {
      // SQLite has rolled back by itself after a full disk.
      if (file.isTransaction) sql("rollback").run();
      throw error;
    }
  };
  const commit = (batch: readonly Waiting[]) => {
    try {
      const results = transact(batch);
      opened?.flusher.flushSoon();
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as never);
    } catch (error) {
      const [only, another] = batch;
      if (only !== undefined && another === undefined)
        return only.reject(explained(error, only.what));
      // One that does not fit on the disk must not take down those that do.
      for (const one of batch) commit([one]);
    }
  };
  const commitLine = () => {
    const batch = line;
    line = [];
    if (batch.length === 0) return;
    try {
      open();
    } catch (error) {
      // All hear of it: a database that was put aside says so once, and the next attempt finds the new one.
      for (const { reject, what } of batch) reject(explained(error, what));
      return;
    }
    commit(batch);
  };

  const enqueue = <T>(what: string, act: () => T, isOneStatement: boolean) =>
    new Promise<T>((resolve, reject) => {
      line.push({ what, act, isOneStatement, resolve, reject });
      // After all promises that are settled now have had their say: what they write belongs together.
      if (line.length === 1) process.nextTick(commitLine);
    });

  return {
    path,
    sql,
    read(what, act) {
      try {
        return act();
      } catch (error) {
        throw explained(error, what);
      }
    },
    write: (what, act) => enqueue(what, act, false),
    run: (what, text, ...values) => enqueue(what, () => sql(text).run(...values), true),
    flush: () => open().flusher.flush(),
    close() {
      if (isClosed) return;
      commitLine();
      isClosed = true;
      statements.clear();
      opened?.flusher.close();
      opened?.file.close();
      opened = undefined;
    },
  };
}
