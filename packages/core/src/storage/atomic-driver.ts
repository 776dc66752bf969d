import { readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { defineDriver, type Driver } from "unstorage";
import { createAtomicWriter } from "./atomic-file.js";
import { doing, ifThere, toStorageError } from "./file-errors.js";
import { assertKey, isKey } from "./keys.js";

/** So that `a` and `a:b` can both exist, and that nothing else in the folder is taken for an item. */
const SUFFIX = ".item";
/** No key holds a dot, so this is never in the way of one. */
const TEMP = ".tmp";

export interface AtomicDriverOptions {
  /** The folder for the items. Made when something is first written. */
  readonly base: string;
}

/**
 * A driver for unstorage that keeps each item in a file and never leaves, or reads, half of one: a kill, a full disk or
 * a power cut at any moment leaves the old value or the new one.
 *
 * Keys are those of `isKey`; any other throws `invalid_option`. Errors are InkwireErrors: `disk_full`, or
 * `storage_failed` with the path and a hint.
 */
export const atomicDriver: (options: AtomicDriverOptions) => Driver<AtomicDriverOptions, never> =
  defineDriver(({ base }: AtomicDriverOptions): Driver<AtomicDriverOptions, never> => {
    const writer = createAtomicWriter(join(base, TEMP));
    const fileOf = (key: string) => join(base, ...assertKey(key).split(":")) + SUFFIX;
    doing("clean up", base, () => writer.clean());

    const read = (key: string) => {
      const path = fileOf(key);
      return doing("read", path, () => ifThere(path, (file) => readFileSync(file)) ?? null);
    };
    const write = async (key: string, content: string | Uint8Array) => {
      const path = fileOf(key);
      await writer.write(path, content).catch((error: unknown) => {
        throw toStorageError(error, "write", path);
      });
    };

    return {
      name: "inkwire-atomic",
      options: { base },
      flags: { maxDepth: true },
      hasItem(key) {
        const path = fileOf(key);
        return doing("look for", path, () => ifThere(path, () => true) ?? false);
      },
      getItem: (key) => read(key)?.toString("utf8") ?? null,
      getItemRaw: read,
      setItem: write,
      setItemRaw: (key, value: unknown) => write(key, asBytes(value)),
      removeItem(key) {
        const path = fileOf(key);
        doing("remove", path, () => ifThere(path, unlinkSync));
      },
      // Its types promise a prefix, but unstorage leaves it out when everything is asked for.
      getKeys: (prefix: string | undefined, { maxDepth }) => {
        const start =
          prefix === undefined || prefix === "" ? [] : prefix.replace(/:$/, "").split(":");
        if (start.length > 0 && !isKey(start.join(":"))) return [];
        const path = join(base, ...start);
        return doing("list", path, () => [
          ...walk(path, start, maxDepth ?? Number.POSITIVE_INFINITY),
        ]);
      },
    };
  });

/** The keys below the segment `first`, and where their files are. */
export function* itemFiles(
  base: string,
  first: string,
): Generator<{ readonly key: string; readonly path: string }> {
  for (const key of walk(join(base, first), [first], Number.POSITIVE_INFINITY))
    yield { key, path: join(base, ...key.split(":")) + SUFFIX };
}

function* walk(
  directory: string,
  segments: readonly string[],
  maxDepth: number,
): Generator<string> {
  const entries = ifThere(directory, (path) => readdirSync(path, { withFileTypes: true }));
  for (const entry of entries ?? []) {
    if (entry.isDirectory()) {
      const deeper = [...segments, entry.name];
      // unstorage counts the colons of a key: one in this folder has as many as the folder has segments.
      if (isKey(entry.name) && deeper.length <= maxDepth)
        yield* walk(join(directory, entry.name), deeper, maxDepth);
    } else if (entry.name.endsWith(SUFFIX)) {
      const key = [...segments, entry.name.slice(0, -SUFFIX.length)].join(":");
      if (isKey(key)) yield key;
    }
  }
}

function asBytes(value: unknown): string | Uint8Array {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError(`Expected a string or bytes to store raw, got ${typeof value}`);
}
