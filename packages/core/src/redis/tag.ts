import { InkwireError } from "../protocol/index.js";

/**
 * What the keys of a prefix begin with: `{inkwire}`, a hash tag, so that Redis Cluster keeps all of them in one slot, where
 * a script may touch several.
 *
 * @throws InkwireError `invalid_option`.
 */
export function tagOf(prefix = "inkwire"): string {
  if (/^[\w.-]{1,64}$/.test(prefix)) return `{${prefix}}`;
  throw new InkwireError(
    "invalid_option",
    `Expected prefix to be 1 to 64 letters, digits, ".", "-" or "_", got ${JSON.stringify(prefix).slice(0, 80)}`,
  );
}
