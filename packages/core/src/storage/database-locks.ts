import type { Database } from "./database.js";
import { assertKey } from "./keys.js";
import { LEASE_TTL_MS, leaseLost } from "./lease.js";
import { isGone, ownIdentity } from "./process-identity.js";
import type { Lease, Locks } from "./types.js";

export interface DatabaseLocksOptions {
  readonly database: Database;
  /** How long an owner lives without a heartbeat, in milliseconds. @default 15_000 */
  readonly ttlMs?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

interface Row {
  readonly token: number;
  readonly pid: number;
  readonly host: string;
  readonly start: string | null;
  readonly heartbeat: number;
  readonly free: number;
}

const FIND = "select token, pid, host, start, heartbeat, free from locks where name = ?";
/** For a lock that nobody ever had, as most are: one statement, of which one process has the change. */
const BEGIN = `insert into locks (name, token, pid, host, start, heartbeat, free) values (?, 1, ?, ?, ?, ?, 0)
  on conflict do nothing`;
const OWN = `insert into locks (name, token, pid, host, start, heartbeat, free) values (?, ?, ?, ?, ?, ?, 0)
  on conflict do update set token = excluded.token, pid = excluded.pid, host = excluded.host,
    start = excluded.start, heartbeat = excluded.heartbeat, free = 0`;
const VERIFY = "select 1 from locks where name = ? and token = ? and free = 0";
const RENEW = "update locks set heartbeat = ? where name = ? and token = ? and free = 0";
const RELEASE = "update locks set free = 1 where name = ? and token = ?";
const FORGET = "delete from locks where name = ?";

/**
 * Locks in the database of a home: a row per lock, with its last fencing token, who owns it and when that one last said so. The
 * row stays when the lock is released, so that no token is given twice.
 *
 * An owner is dead when its heartbeat is older than `ttlMs`, or at once when its process on this machine is gone.
 */
export function createDatabaseLocks(options: DatabaseLocksOptions): Omit<Locks, "nextNumber"> {
  const { database, ttlMs = LEASE_TTL_MS, now = Date.now } = options;
  const own = ownIdentity();
  /** What was released here and is not yet written down, or could not be, on a full disk: the last token of each such lock. */
  const letGo = new Map<string, number>();

  const isLiving = (name: string): boolean => {
    const row = find(name);
    if (row === undefined || row.free !== 0 || letGo.get(name) === row.token) return false;
    // A time far in the future is as dead as one in the past: its clock was wrong, and it would hold for ever.
    if (Math.abs(now() - row.heartbeat) > ttlMs) return false;
    return !isGone({ pid: row.pid, host: row.host, start: row.start ?? undefined }, own);
  };
  const find = (name: string) => database.sql(FIND).get(name) as Row | undefined;

  const leaseOf = (name: string, token: number): Lease => {
    let released = false;
    const verify = () => {
      const isMine = () => database.sql(VERIFY).get(name, token) !== undefined;
      if (released || !database.read("check the lock in", isMine)) throw leaseLost();
    };
    return {
      token,
      fence: { place: database, name, token },
      verify: async () => verify(),
      async renew() {
        verify();
        const renewed = await database.run("renew the lock in", RENEW, now(), name, token);
        if (renewed.changes === 0) throw leaseLost();
      },
      async release() {
        if (released) return;
        released = true;
        letGo.set(name, token);
        void writeRelease(name, token);
      },
    };
  };

  /** Nobody waits for it: it goes with whatever is written next, and who takes the lock comes after that. */
  const writeRelease = async (name: string, token: number) => {
    try {
      await database.run("release the lock in", RELEASE, name, token);
    } catch {
      // Others see it end when its heartbeat does.
      return;
    }
    if (letGo.get(name) === token) letGo.delete(name);
  };

  return {
    async acquire(name) {
      assertKey(name);
      const start = own.start ?? null;
      const begun = await database.run(
        "take the lock in",
        BEGIN,
        name,
        own.pid,
        own.host,
        start,
        now(),
      );
      if (begun.changes === 1) {
        letGo.delete(name);
        return leaseOf(name, 1);
      }
      const token = await database.write("take the lock in", () => {
        if (isLiving(name)) return undefined;
        const next = (find(name)?.token ?? 0) + 1;
        database.sql(OWN).run(name, next, own.pid, own.host, start, now());
        return next;
      });
      if (token === undefined) return undefined;
      letGo.delete(name);
      return leaseOf(name, token);
    },
    async isHeld(name) {
      assertKey(name);
      // After what others in this process have asked for.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      return database.read("look at the lock in", () => isLiving(name));
    },
    async forget(name) {
      assertKey(name);
      await database.run("remove the lock in", FORGET, name);
    },
  };
}
