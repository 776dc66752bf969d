import type { Storage } from "unstorage";
import {
  describeIssues,
  InkwireError,
  isInkwireError,
  type StandardSchema,
} from "../protocol/index.js";
import { parseEnvelope } from "./envelope.js";
import { assertKey } from "./keys.js";
import { quarantine, type Damage } from "./quarantine.js";
import type { Fence, Lease } from "./types.js";

export interface RecordsOptions<T> {
  readonly storage: Storage;
  /** Where they lie, such as `jobs`; their keys are below it. */
  readonly prefix: string;
  /** The version that is written, an integer from 1. Raise it when older code could not read what is written now. */
  readonly version: number;
  /** Checks what is read. Its output is what the callers get. */
  readonly schema: StandardSchema<unknown, T>;
  /** Makes the data of this version out of an older one's. @default the data as it is */
  readonly migrate?: ((data: unknown, from: number) => unknown) | undefined;
  /** Told of each damaged record, after it was put aside. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

/** Checked, versioned records of one kind. `key` is what follows the prefix, in our own alphabet: see `isKey`. */
export interface Records<T> {
  /**
   * @throws InkwireError `record_damaged` when it cannot be understood: it is in quarantine then, and gone from here;
   *   `record_newer` when a newer version of this program wrote it: it is left as it is.
   */
  get(key: string): Promise<T | undefined>;
  /**
   * Stores `value`, whole or not at all.
   *
   * @param options.isNew - nothing is there, which the caller knows; it is not looked for then.
   * @param options.lease - who writes; `lease_lost` once that one has a successor.
   * @throws as `get` when what is there was never read and cannot be understood.
   */
  put(
    key: string,
    value: T,
    options?: { readonly isNew?: boolean; readonly lease?: WriteLease },
  ): Promise<void>;
  remove(key: string): Promise<void>;
  has(key: string): Promise<boolean>;
  /** The keys below `under`, or all, sorted. */
  keys(under?: string): Promise<string[]>;
  /** What is below `under`, or all, sorted by key. Goes on past what is damaged or newer; `onDamage` tells of the former. */
  list(under?: string): Promise<Array<{ readonly key: string; readonly value: T }>>;
}

/** How many records of a list are read at once: where each is an answer of a server, their ways there are shared. */
const READ_AT_ONCE = 100;

/** What a write needs of a lease. */
export type WriteLease = Pick<Lease, "verify" | "fence">;

/** How many keys are remembered as readable, so that most writes need not look first. */
const MAX_REMEMBERED = 10_000;

/** Opens the records of one kind in a storage. Each is stored as the JSON text `{"v":<version>,"data":…}`. */
export function createRecords<T>(options: RecordsOptions<T>): Records<T> {
  const { storage, version, schema, migrate } = options;
  const prefix = assertKey(options.prefix);
  if (!Number.isInteger(version) || version < 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected version to be an integer from 1, got ${version}`,
    );
  }
  const fullKey = (key: string) => `${prefix}:${assertKey(key)}`;
  const readable = new Set<string>();
  const remember = (key: string) => {
    if (readable.size >= MAX_REMEMBERED) readable.clear();
    readable.add(key);
  };

  const setAside = async (key: string, raw: unknown, reason: string): Promise<InkwireError> => {
    const damage = await quarantine(storage, fullKey(key), raw, reason);
    options.onDamage?.(damage);
    return new InkwireError("record_damaged", `The record ${damage.key} is damaged: ${reason}.`, {
      hint:
        damage.movedTo === undefined
          ? "It could not be moved aside."
          : `It was moved to ${damage.movedTo}.`,
    });
  };

  const get = async (key: string): Promise<T | undefined> => {
    // Raw: getItem guesses types, and gives truncated JSON back as a string without an error.
    const raw: unknown = await storage.getItemRaw(fullKey(key));
    if (raw === null || raw === undefined) return undefined;
    const envelope = parseEnvelope(raw);
    if (typeof envelope === "string") throw await setAside(key, raw, envelope);
    if (envelope.v > version) {
      throw new InkwireError(
        "record_newer",
        `The record ${fullKey(key)} has version ${envelope.v}, and this program knows up to ${version}.`,
        { hint: "Update inkwire to read it." },
      );
    }
    const checked = await check(
      envelope.v < version && migrate ? migrated(migrate, envelope) : envelope.data,
    );
    if (checked.issues !== undefined)
      throw await setAside(key, raw, describeIssues(checked.issues));
    remember(key);
    return checked.value;
  };

  /** Where the storage checks the lease as it writes, nothing comes in between. Elsewhere there is a moment for a successor. */
  const fenceFor = (full: string, { fence }: WriteLease): Fence | undefined =>
    fence !== undefined && storage.getMount(full).driver.getInstance?.() === fence.place
      ? fence
      : undefined;

  const getIfWhole = async (key: string): Promise<T | undefined> => {
    try {
      return await get(key);
    } catch (error) {
      if (isInkwireError(error, "record_damaged") || isInkwireError(error, "record_newer"))
        return undefined;
      throw error;
    }
  };

  const check = async (data: unknown) => schema["~standard"].validate(data);

  const keys = async (under?: string): Promise<string[]> => {
    const base = under === undefined ? prefix : fullKey(under);
    const found = await storage.getKeys(base);
    return found.map((key) => key.slice(prefix.length + 1)).toSorted();
  };

  return {
    get,
    async put(key, value, { isNew = false, lease } = {}) {
      const full = fullKey(key);
      // What nobody here has read may be damaged or newer, and neither may be overwritten.
      if (!isNew && !readable.has(key)) await get(key);
      const fence = lease && fenceFor(full, lease);
      if (lease !== undefined && fence === undefined) await lease.verify();
      await storage.setItem(full, JSON.stringify({ v: version, data: value }), { fence });
      remember(key);
    },
    async remove(key) {
      await storage.removeItem(fullKey(key));
      readable.delete(key);
    },
    has: (key) => storage.hasItem(fullKey(key)),
    keys,
    async list(under) {
      const records = [];
      const all = await keys(under);
      for (let from = 0; from < all.length; from += READ_AT_ONCE) {
        const some = all.slice(from, from + READ_AT_ONCE);
        for (const [index, value] of (await Promise.all(some.map(getIfWhole))).entries()) {
          const key = some[index];
          if (key !== undefined && value !== undefined) records.push({ key, value });
        }
      }
      return records;
    },
  };
}

/** A migration that throws has met data it cannot understand; `undefined` fits no schema, so it counts as damage. */
function migrated(
  migrate: (data: unknown, from: number) => unknown,
  envelope: { v: number; data: unknown },
): unknown {
  try {
    return migrate(envelope.data, envelope.v);
  } catch {
    return undefined;
  }
}
