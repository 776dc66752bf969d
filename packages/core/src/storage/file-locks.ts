import {
  futimesSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { doing, ifThere, toStorageError } from "./file-errors.js";
import { takeNumber } from "./file-sequence.js";
import { assertKey } from "./keys.js";
import { LEASE_TTL_MS, leaseLost } from "./lease.js";
import {
  createNumbered,
  newestIn,
  RELEASED,
  removeBelow,
  type NumberedFile,
} from "./numbered-files.js";
import { isGone, ownIdentity, type ProcessIdentity } from "./process-identity.js";
import type { Lease, Locks } from "./types.js";

export interface FileLocksOptions {
  /** Holds `locks/` and `sequences/`. */
  readonly directory: string;
  /** How long an owner lives without a heartbeat, in milliseconds. @default 15_000 */
  readonly ttlMs?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Locks between processes that share a folder, without a server: the file system creates a file of one name only once.
 *
 * A lock is a folder `locks/<name>/` with a file per owner, named by its fencing token: 1, 2, 3, … Who creates the next
 * number is the owner; the file's time is the heartbeat, its content says which process it is, and a released one is
 * renamed to `<token>.free`. The highest file is never removed, so a token is never given twice. An owner is dead when
 * its heartbeat is older than `ttlMs`, or at once when its process on this machine is gone.
 *
 * The calls on files are synchronous: they are few, work on the kernel's cache, and do not interleave in a process.
 */
export function createFileLocks(options: FileLocksOptions): Locks {
  const { directory, ttlMs = LEASE_TTL_MS, now = Date.now } = options;
  const own = ownIdentity();
  // A key has no dot, so the lock `a:7` and the token 7 of `a` never meet.
  const lockFolder = (name: string) =>
    join(directory, "locks", assertKey(name).replaceAll(":", "."));
  const sequenceFolder = (name: string) =>
    join(directory, "sequences", assertKey(name).replaceAll(":", "."));
  const seconds = () => now() / 1_000;

  const isLiving = (path: string): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    // A time far in the future is as dead as one in the past: its clock was wrong, and it would hold for ever.
    if (stat === undefined || Math.abs(now() - stat.mtimeMs) > ttlMs) return false;
    const owner = readOwner(path);
    // Created this moment and not yet written: its time says that it lives.
    return owner === undefined || !isGone(owner, own);
  };
  const hasOwner = (folder: string, newest: NumberedFile | undefined): boolean =>
    newest !== undefined && !newest.released && isLiving(join(folder, String(newest.number)));
  const isNewest = (folder: string, token: number): boolean => {
    const newest = newestIn(folder);
    return newest?.number === token && !newest.released;
  };

  const acquireIn = (folder: string): Lease | undefined => {
    for (;;) {
      // One look for both: the token that follows the owner who was found dead, not one who came since.
      const newest = newestIn(folder);
      if (hasOwner(folder, newest)) return undefined;
      const token = (newest?.number ?? 0) + 1;
      const created = createNumbered(folder, token, (file) => {
        writeSync(file, JSON.stringify(own));
        futimesSync(file, seconds(), seconds());
      });
      // Somebody was faster: look again at who lives.
      if (!created) continue;
      if (isNewest(folder, token)) {
        removeBelow(folder, token);
        return leaseOf(folder, token);
      }
      // Others came and went since the look, so this number may have been theirs.
      rmSync(join(folder, String(token)), { force: true });
    }
  };

  const leaseOf = (folder: string, token: number): Lease => {
    const path = join(folder, String(token));
    let released = false;
    const verify = () => {
      if (released || !isNewest(folder, token)) throw leaseLost();
    };
    return {
      token,
      verify: async () => doing("check the lock", folder, verify),
      renew: async () =>
        doing("renew the lock", folder, () => {
          verify();
          utimesSync(path, seconds(), seconds());
        }),
      release: async () =>
        doing("release the lock", folder, () => {
          if (released) return;
          released = true;
          // The file of an owner that was taken over may have been cleaned away.
          ifThere(path, () => renameSync(path, path + RELEASED));
        }),
    };
  };

  return {
    acquire: async (name) => {
      const folder = lockFolder(name);
      return doing("lock", folder, () => acquireIn(folder));
    },
    isHeld: async (name) => {
      const folder = lockFolder(name);
      return doing("look at the lock", folder, () => hasOwner(folder, newestIn(folder)));
    },
    forget: async (name) => {
      const folder = lockFolder(name);
      doing("remove the lock", folder, () => rmSync(folder, { recursive: true, force: true }));
    },
    nextNumber: async (sequence) => {
      const folder = sequenceFolder(sequence);
      return takeNumber(folder).catch((error: unknown) => {
        throw toStorageError(error, "take a number from", folder);
      });
    },
  };
}

function readOwner(path: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as Partial<ProcessIdentity> | null;
    if (typeof owner?.pid !== "number" || typeof owner.host !== "string") return undefined;
    return { pid: owner.pid, host: owner.host, start: owner.start };
  } catch {
    return undefined;
  }
}
