import type { Storage } from "unstorage";
import type { Logs } from "./logs.js";

/**
 * What unstorage has no word for: numbers that are given out once, and the right to be the only one who works on
 * something. Safe between processes that share the place. Names are of `a-z`, `0-9` and `-`, in segments joined by `:`.
 */
export interface Locks {
  /** How long an owner lives without a heartbeat, in milliseconds. @default 15_000 */
  readonly leaseTtlMs?: number | undefined;
  /** The next number of a sequence, from 1, never given twice. */
  nextNumber(sequence: string): Promise<number>;
  /** Makes the caller the owner of `name`, or gives back `undefined` when a living owner has it. */
  acquire(name: string): Promise<Lease | undefined>;
  /** Whether somebody alive holds `name` now. */
  isHeld(name: string): Promise<boolean>;
  /** Forgets everything about `name`; for a thing that is deleted. */
  forget(name: string): Promise<void>;
}

/** The right to work on something, until it is released or its owner stops renewing it. */
export interface Lease {
  /** Fencing token: grows with every owner. What carries an older one is refused. */
  readonly token: number;
  /** Says "still alive". Rejects with `lease_lost` when another owner took over. */
  renew(): Promise<void>;
  /** Rejects with `lease_lost` unless this is still the newest owner: call it right before a write that counts. */
  verify(): Promise<void>;
  release(): Promise<void>;
  /** Where leases and records lie in one database: what a write has to carry so that it is refused once the lease is lost. */
  readonly fence?: Fence | undefined;
}

/** What a lease is known by in the database that keeps it. */
export interface Fence {
  /** That database: what lies elsewhere cannot be checked together with it. */
  readonly place: object;
  readonly name: string;
  readonly token: number;
}

/** A place that holds the state of inkwire: records, and who works on what. */
export interface Home {
  readonly storage: Storage;
  readonly locks: Locks;
  /** Where it lies on disk; `undefined` in memory. */
  readonly directory: string | undefined;
  /** Where text that grows is kept. @default files below `directory`, or memory */
  readonly logs?: Logs | undefined;
  close(): Promise<void>;
}
