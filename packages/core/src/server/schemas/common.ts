import * as v from "valibot";

/** ISO 8601 in UTC. */
export const time = v.pipe(v.string(), v.isoTimestamp());
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const bookNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

/** A whole number as it stands in an address: digits without a sign, a point or leading zeros. */
export function digits(min: number, max: number) {
  return v.pipe(
    v.string(),
    v.metadata({ type: "integer", minimum: min, maximum: max }),
    v.regex(/^(0|[1-9]\d{0,15})$/, "expected a whole number"),
    v.transform(Number),
    v.check(
      (value) => Number.isSafeInteger(value) && value >= min && value <= max,
      `expected a whole number from ${min} to ${max}`,
    ),
  );
}

export const userId = v.pipe(
  v.string("expected a user id"),
  v.regex(/^[A-Za-z0-9._~:@|+=-]{1,128}$/, "expected a user id of 1 to 128 characters"),
);

export const wireError = v.object({
  code: v.string(),
  message: v.string(),
  retryable: v.boolean(),
});

/** RFC 9457, as every refusal is answered. */
export const problemSchema = v.object({
  type: v.literal("about:blank"),
  title: v.string(),
  status: count,
  code: v.pipe(v.string(), v.description("Stable: see docs/reference/errors.md")),
  detail: v.pipe(v.string(), v.description("For people")),
  retryable: v.pipe(v.boolean(), v.description("Whether the same call may work later")),
  request_id: v.pipe(v.string(), v.description("Finds the call in the server's log")),
});
