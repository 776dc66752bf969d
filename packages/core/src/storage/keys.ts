import { InkwireError } from "../protocol/index.js";

/** 128 characters leave room for a suffix in every file system's 255 bytes. */
const KEY = /^[a-z0-9-]{1,128}(?::[a-z0-9-]{1,128})*$/;

/**
 * Whether `key` consists only of what we make ourselves: segments of `a-z`, `0-9` and `-`, joined by `:`.
 *
 * Everything else is where storages differ: `/` and `\` become `:`, `?` cuts, a `$` at the end hides, `..` climbs.
 */
export function isKey(key: string): boolean {
  return KEY.test(key);
}

/** Gives `key` back. @throws InkwireError `invalid_option` when it is not one of ours, see {@link isKey}. */
export function assertKey(key: string): string {
  if (isKey(key)) return key;
  throw new InkwireError(
    "invalid_option",
    `Expected a storage key of a-z, 0-9 and "-" in segments joined by ":", got ${JSON.stringify(key).slice(0, 100)}`,
  );
}
