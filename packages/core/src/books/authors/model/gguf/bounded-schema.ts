/** Of a string in a schema, in characters: small models would never close it. */
const MAX_TEXT = 600;

/** The same JSON schema with strings that have an end. */
export function boundedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(boundedSchema);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, boundedSchema(value)]),
  );
  return copy["type"] === "string" ? { minLength: 4, maxLength: MAX_TEXT, ...copy } : copy;
}
