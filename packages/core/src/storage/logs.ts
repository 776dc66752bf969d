import { mkdir, open, readFile, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isMissing } from "./file-errors.js";

/**
 * Text that grows by lines and is read by others meanwhile. Names are segments of our own making, joined by `/`, such as
 * `drafts/7/3`.
 */
export interface Logs {
  /** Opens a log to append to, from its beginning unless it begins with `header`. */
  begin(name: string, header: string): Promise<LogWriter>;
  read(name: string): Promise<string | undefined>;
  /** Forgets a log. */
  remove(name: string): Promise<void>;
  /** Forgets all logs right below `folder`, such as `drafts/7`. */
  removeAll(folder: string): Promise<void>;
}

export interface LogWriter {
  /** Resolves when `text` is kept. May reject with `lease_lost` once another writer began the same log. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Logs as files `<name>.jsonl` below `directory`. */
export function createFileLogs(directory: string): Logs {
  const pathOf = (name: string): string => join(directory, `${name}.jsonl`);
  return {
    async begin(name, header) {
      await mkdir(dirname(pathOf(name)), { recursive: true });
      const file: FileHandle = await open(pathOf(name), "a+", 0o600);
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(header.length),
        0,
        header.length,
        0,
      );
      if (header !== "" && buffer.toString("latin1", 0, bytesRead) === header) {
        // Its last line may be torn; an empty one does no harm.
        await file.appendFile("\n");
      } else {
        await file.truncate(0);
        await file.appendFile(header);
      }
      return {
        write: (text) => file.appendFile(text),
        close: () => file.close(),
      };
    },
    async read(name) {
      try {
        return await readFile(pathOf(name), "utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    remove: (name) => rm(pathOf(name), { force: true }),
    removeAll: (folder) => rm(join(directory, folder), { recursive: true, force: true }),
  };
}

/** Logs in memory, for a home without a folder. */
export function createMemoryLogs(): Logs {
  const logs = new Map<string, string>();
  return {
    async begin(name, header) {
      if (header === "" || !logs.get(name)?.startsWith(header)) logs.set(name, header);
      return {
        write: async (text) => void logs.set(name, (logs.get(name) ?? "") + text),
        close: async () => {},
      };
    },
    read: async (name) => logs.get(name),
    remove: async (name) => void logs.delete(name),
    async removeAll(folder) {
      for (const name of logs.keys()) {
        if (name.startsWith(`${folder}/`)) logs.delete(name);
      }
    },
  };
}
