import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  fsync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ifThere, isMissing } from "./file-errors.js";
import { isGone, ownIdentity } from "./process-identity.js";

const flush = promisify(fsync);

/** Temporary files of a machine that nobody can ask about are left alone for this long. */
const FOREIGN_TEMP_MS = 24 * 60 * 60 * 1_000;

/** Writes whole files, or nothing. */
export interface AtomicWriter {
  /**
   * Replaces `path` by `content`. Whoever reads sees the old file or the new one, also after a crash or a power cut;
   * once this resolves, the new one is on disk. Folders are made as needed.
   */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Removes what writers that have died left in the temporary folder. */
  clean(): void;
}

/**
 * Writes to a temporary file, flushes it, and renames it over the target.
 *
 * Only the flush waits for the disk, so only that is asynchronous: the other calls work on the kernel's cache, and each
 * would cost several times as much as a round trip through the thread pool.
 *
 * @param tempDirectory - on the file system of the targets; one folder, so that cleaning need not search them all.
 */
export function createAtomicWriter(tempDirectory: string): AtomicWriter {
  const own = ownIdentity();
  const hostTag = createHash("sha256").update(own.host).digest("hex").slice(0, 12);
  const prefix = `${own.pid}-${hostTag}-${randomBytes(4).toString("hex")}`;
  let count = 0;

  return {
    async write(path, content) {
      const temp = join(tempDirectory, `${prefix}-${++count}`);
      try {
        const file = makingFolders(tempDirectory, () => openSync(temp, "wx", 0o600));
        try {
          writeFileSync(file, content);
          await flush(file);
        } finally {
          closeSync(file);
        }
        makingFolders(dirname(path), () => renameSync(temp, path));
      } catch (error) {
        rmSync(temp, { force: true });
        throw error;
      }
      await flushFolder(dirname(path));
    },

    clean() {
      for (const name of ifThere(tempDirectory, (path) => readdirSync(path)) ?? []) {
        const [pid, tag] = name.split("-");
        const path = join(tempDirectory, name);
        const dead =
          tag === hostTag
            ? isGone({ pid: Number(pid), host: own.host, start: undefined }, own)
            : isOld(path);
        if (dead) rmSync(path, { force: true });
      }
    },
  };
}

/** Makes a name that was made in a folder survive a power cut. Windows cannot open folders; its journal keeps the order. */
export async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    await flush(folder);
  } finally {
    closeSync(folder);
  }
}

function makingFolders<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return act();
  }
}

function isOld(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > FOREIGN_TEMP_MS;
}
