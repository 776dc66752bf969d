import { assertKey } from "./keys.js";
import { LEASE_TTL_MS, leaseLost } from "./lease.js";
import type { Lease, Locks } from "./types.js";

export interface MemoryLocksOptions {
  /** How long an owner lives without a heartbeat, in milliseconds. @default 15_000 */
  readonly ttlMs?: number | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

interface Owner {
  readonly token: number;
  heartbeatAt: number;
  released: boolean;
}

/** The same promises as the file locks, within one process: for a home in memory. */
export function createMemoryLocks(options: MemoryLocksOptions = {}): Locks {
  const { ttlMs = LEASE_TTL_MS, now = Date.now } = options;
  const newest = new Map<string, Owner>();
  const sequences = new Map<string, number>();

  const isHeld = (name: string): boolean => {
    const owner = newest.get(assertKey(name));
    return owner !== undefined && !owner.released && now() - owner.heartbeatAt <= ttlMs;
  };

  const leaseOf = (name: string, owner: Owner): Lease => {
    const verify = async () => {
      if (owner.released || newest.get(name) !== owner) throw leaseLost();
    };
    return {
      token: owner.token,
      verify,
      async renew() {
        await verify();
        owner.heartbeatAt = now();
      },
      async release() {
        owner.released = true;
      },
    };
  };

  return {
    async acquire(name) {
      if (isHeld(name)) return undefined;
      const owner = {
        token: (newest.get(name)?.token ?? 0) + 1,
        heartbeatAt: now(),
        released: false,
      };
      newest.set(name, owner);
      return leaseOf(name, owner);
    },
    isHeld: async (name) => isHeld(name),
    async forget(name) {
      newest.delete(assertKey(name));
    },
    async nextNumber(sequence) {
      const number = (sequences.get(assertKey(sequence)) ?? 0) + 1;
      sequences.set(sequence, number);
      return number;
    },
  };
}
