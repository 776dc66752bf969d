import * as v from "valibot";
import { bookRequestSchema } from "../../books/request.js";

const { maxCostUsd, maxTokens, ...fields } = bookRequestSchema.entries;
const limits = { max_cost_usd: maxCostUsd, max_tokens: maxTokens };

/** The names of fields on the wire are in snake_case; the rules are those of the books themselves. */
export const newBookSchema = v.pipe(
  v.strictObject({ ...fields, ...limits }, describeField({ ...fields, ...limits })),
  v.transform(toLimits),
);

/** New limits for a book that goes on, if any. */
export const resumeSchema = v.pipe(
  v.optional(v.strictObject(limits, describeField(limits)), {}),
  v.transform(toLimits),
);

function toLimits<
  T extends { max_cost_usd?: number | undefined; max_tokens?: number | undefined },
>({ max_cost_usd: cost, max_tokens: most, ...rest }: T) {
  return {
    ...rest,
    ...(cost !== undefined && { maxCostUsd: cost }),
    ...(most !== undefined && { maxTokens: most }),
  };
}

function describeField(known: object): (issue: v.StrictObjectIssue) => string {
  const names = Object.keys(known).join(", ");
  return ({ expected }) => {
    if (expected === "never") return `unknown field, known are ${names}`;
    return expected === "Object" ? "expected an object" : "expected, but missing";
  };
}
