/** Deeper data is refused; it also ends the walk through data that contains itself. */
export const MAX_DATA_DEPTH = 64;

/** Why a value can't be the `data` of a message. `path` leads to it. */
export class NotPlainError extends Error {
  override readonly name = "NotPlainError";
}

/**
 * A deeply frozen copy of a value that JSON keeps as it is: text, finite numbers, booleans, null, lists and plain objects;
 * absent (`undefined`) fields are left out. So readers in this process and behind a wire see the same, and the
 * publisher's own object is neither frozen nor able to change a message later.
 *
 * @throws NotPlainError for everything else, such as a Date, NaN, a bigint, or data that contains itself.
 */
export function copyPlain(value: unknown): unknown {
  return freezePlain(thawedCopy(value));
}

/** The same, not frozen yet: the engine writes JSON of fresh objects twice as fast. @throws NotPlainError likewise */
export function thawedCopy(value: unknown): unknown {
  return copy(value, "data", 0);
}

function copy(value: unknown, path: string, depth: number): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "number") return refuse(path, `JSON has no ${value}`);
  if (typeof value !== "object") return refuse(path, `JSON has no ${typeof value}`);
  if (depth === MAX_DATA_DEPTH) {
    return refuse(path, `it is more than ${MAX_DATA_DEPTH} levels deep, or contains itself`);
  }
  if (Array.isArray(value)) {
    // A loop by index, since `map` skips holes.
    const items: unknown[] = [];
    for (let index = 0; index < value.length; index++)
      items.push(copy(value[index], `${path}[${index}]`, depth + 1));
    return items;
  }
  return copyObject(value, path, depth);
}

function copyObject(value: object, path: string, depth: number): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return refuse(
      path,
      "expected a plain object, got an instance of a class; pass what JSON should say",
    );
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    // Assigned anywhere, it changes what an object inherits: no reader should have to think of it.
    if (key === "__proto__") return refuse(path, "a field can't be named __proto__");
    const field = (value as Readonly<Record<string, unknown>>)[key];
    // Most fields are text, and need no path.
    if (typeof field === "string") result[key] = field;
    else if (field !== undefined) result[key] = copy(field, `${path}.${key}`, depth + 1);
  }
  return result;
}

function refuse(path: string, why: string): never {
  throw new NotPlainError(`${path.length <= 80 ? path : `${path.slice(0, 80)}…`}: ${why}`);
}

/** Freezes plain data of our own to its depth. */
export function freezePlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  // Nothing plain inherits a field, and a list of all values would be one more object for each message.
  for (const key in value) {
    const field: unknown = value[key as keyof typeof value];
    if (typeof field === "object") freezePlain(field);
  }
  return Object.freeze(value);
}
