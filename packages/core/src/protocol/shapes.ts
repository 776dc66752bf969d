import type { SchemaIssue, SchemaResult, StandardSchema } from "./schema.js";

/**
 * The few Standard Schema validators that the protocol's own messages need. They exist because the protocol imports
 * nothing and every client bundles it; applications bring their own library and never see these.
 */
export interface Shape<T> extends StandardSchema<T> {
  readonly check: (value: unknown) => SchemaResult<T>;
  /** Of text, numbers and flags: whether `check` gives the value back as it is. It makes no object, as most fields are right. */
  readonly accepts?: (value: unknown) => boolean;
  /** What it gives back is made of what JSON says, and no part of it is the publisher's own object. */
  readonly makesPlain: true;
}

/** Whether what a schema gives back needs neither a look nor a copy: see {@link Shape.makesPlain}. */
export function makesPlainData(schema: StandardSchema): boolean {
  return "makesPlain" in schema && schema.makesPlain === true;
}

type Issues = ReadonlyArray<SchemaIssue>;

function shape<T>(check: (value: unknown) => SchemaResult<T>): Shape<T> {
  return {
    check,
    makesPlain: true,
    "~standard": { version: 1, vendor: "inkwire", validate: check },
  };
}

/** A shape of values that can't be changed. `expected` says what, where one is refused. */
function plainValue<T>(accepts: (value: unknown) => value is T, expected: string): Shape<T> {
  const check = (value: unknown): SchemaResult<T> =>
    accepts(value) ? { value } : fail(expected, value);
  return { ...shape(check), accepts };
}

/** Shows a refused value shortly; never its whole content, which may be somebody's text. */
function got(value: unknown): string {
  if (typeof value === "string") return `text of ${value.length} characters`;
  if (typeof value === "number" || typeof value === "boolean" || value == null)
    return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

function fail(expected: string, value: unknown): { readonly issues: Issues } {
  return { issues: [{ message: `expected ${expected}, got ${got(value)}` }] };
}

export interface TextBounds {
  /** In UTF-16 units. @default 0 */
  readonly min?: number;
  /** In UTF-16 units. @default 4096 */
  readonly max?: number;
}

export function text({ min = 0, max = 4096 }: TextBounds = {}): Shape<string> {
  return plainValue(
    (value): value is string =>
      typeof value === "string" && value.length >= min && value.length <= max,
    `text of ${min} to ${max} characters`,
  );
}

export interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}

export function number({
  min = -Infinity,
  max = Infinity,
  integer = false,
}: NumberBounds = {}): Shape<number> {
  const range = min === -Infinity && max === Infinity ? "" : ` from ${min} to ${max}`;
  return plainValue(
    (value): value is number =>
      typeof value === "number" &&
      Number.isFinite(value) &&
      value >= min &&
      value <= max &&
      (!integer || Number.isSafeInteger(value)),
    `${integer ? "a whole number" : "a number"}${range}`,
  );
}

export function flag(): Shape<boolean> {
  return plainValue((value) => typeof value === "boolean", "true or false");
}

export function oneOf<const T extends readonly string[]>(...values: T): Shape<T[number]> {
  return plainValue(
    (value): value is T[number] => typeof value === "string" && values.includes(value),
    `one of ${values.join(", ")}`,
  );
}

/** An ISO 8601 date and time with its offset, such as `2026-11-22T21:10:04.123Z` (RFC 3339 section 5.6). */
export function instant(): Shape<string> {
  const pattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
  return plainValue(
    (value): value is string =>
      typeof value === "string" && pattern.test(value) && !Number.isNaN(Date.parse(value)),
    "a date and time in ISO 8601",
  );
}

export function list<T>(item: Shape<T>, max = 1000): Shape<readonly T[]> {
  return shape((value) => {
    if (!Array.isArray(value) || value.length > max) return fail(`a list of at most ${max}`, value);
    const items: T[] = [];
    for (const [index, entry] of value.entries()) {
      const result = item.check(entry);
      if (result.issues !== undefined) return { issues: under(index, result.issues) };
      items.push(result.value);
    }
    return { value: items };
  });
}

function under(key: PropertyKey, issues: Issues): Issues {
  return issues.map((issue) => ({ message: issue.message, path: [key, ...(issue.path ?? [])] }));
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Values<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Shape<infer T> ? T : never;
};

/** An object with `required` and `optional` fields; others are left out of the result, `undefined` counts as absent. */
export function object<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
): Shape<Values<R> & Partial<Values<O>>> {
  const fields = [
    ...Object.entries(required).map(([key, field]) => ({ key, field, needed: true })),
    ...Object.entries(optional ?? {}).map(([key, field]) => ({ key, field, needed: false })),
  ];
  return shape((value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return fail("an object", value);
    const source = value as Readonly<Record<string, unknown>>;
    const result: Record<string, unknown> = {};
    let issues: SchemaIssue[] | undefined;
    for (const { key, field, needed } of fields) {
      const given = Object.hasOwn(source, key) ? source[key] : undefined;
      if (given === undefined && !needed) continue;
      if (field.accepts?.(given) === true) {
        result[key] = given;
        continue;
      }
      const checked = field.check(given);
      if (checked.issues === undefined) result[key] = checked.value;
      else (issues ??= []).push(...under(key, checked.issues));
    }
    return issues !== undefined ? { issues } : { value: result as Values<R> & Partial<Values<O>> };
  });
}
