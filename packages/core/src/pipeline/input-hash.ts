import { hash } from "node:crypto";
import { InkwireError } from "../protocol/index.js";

/**
 * The JSON text of a value with the keys of its objects in order, so that equal values have equal texts.
 *
 * @throws InkwireError `invalid_option` for what JSON cannot hold: circles, BigInt.
 */
export function canonicalJson(value: unknown): string {
  try {
    // `undefined` and functions have no text; nothing is as good a text for them as any.
    return JSON.stringify(value, sortKeys) ?? "";
  } catch (error) {
    throw new InkwireError("invalid_option", "Expected the input of a step to be JSON.", {
      cause: error,
    });
  }
}

/** The sha256 of {@link canonicalJson}, in hexadecimal: what a step's result is filed under. */
export function inputHash(value: unknown): string {
  return hash("sha256", canonicalJson(value));
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
