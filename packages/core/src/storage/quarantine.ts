import { randomBytes } from "node:crypto";
import type { Storage } from "unstorage";

/** A record that could not be understood. */
export interface Damage {
  /** Where it was. */
  readonly key: string;
  /** Where it is now, byte for byte; `undefined` when it could not be moved (a full disk) and is still at `key`. */
  readonly movedTo: string | undefined;
  /** Why it could not be understood, for people. */
  readonly reason: string;
}

/**
 * Moves a damaged record to `quarantine:<its key>:<time>-<random>`, where nothing writes again.
 *
 * @param raw - what was read. If something else is there by now, that stays: another process repaired it.
 */
export async function quarantine(
  storage: Storage,
  key: string,
  raw: unknown,
  reason: string,
): Promise<Damage> {
  const time = new Date().toISOString().replaceAll(/[-:.]/g, "").toLowerCase();
  const movedTo = `quarantine:${key}:${time}-${randomBytes(3).toString("hex")}`;
  try {
    await storage.setItemRaw(movedTo, raw);
  } catch {
    // It stays where it is, and the next reader tries again: what counts is that others hear of the damage.
    return { key, movedTo: undefined, reason };
  }
  // The copy is safe on disk before the original goes, so a kill in between loses nothing.
  const current: unknown = await storage.getItemRaw(key);
  if (sameBytes(current, raw)) await storage.removeItem(key);
  return { key, movedTo, reason };
}

function sameBytes(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}
