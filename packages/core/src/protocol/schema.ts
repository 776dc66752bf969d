/**
 * A validator of any library that speaks Standard Schema v1 (Zod, Valibot, ArkType, …). Only types: the interface is
 * repeated here, as the specification invites, so that the protocol imports nothing.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of data: the value that it makes of it, or why it does not fit. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: ReadonlyArray<SchemaIssue> };

/** Why data does not fit a schema, as Standard Schema says it. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/** What a publisher passes in. */
export type SchemaInput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["input"];
/** What subscribers get: the validator's output. */
export type SchemaOutput<S extends StandardSchema> = NonNullable<S["~standard"]["types"]>["output"];

/** One line that names the first issue and where it is, such as `progress: expected a number from 0 to 100, got 120`. */
export function describeIssues(issues: ReadonlyArray<SchemaIssue>): string {
  const [first] = issues;
  if (first === undefined) return "it does not fit its schema";
  const path = (first.path ?? [])
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".");
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${path === "" ? "" : `${path}: `}${first.message}${more}`;
}
