import * as v from "valibot";
import { describeIssues, InkwireError } from "../protocol/index.js";
import { readJsonBody } from "./read-body.js";
import type { Incoming, Route } from "./route.js";

export interface Input {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * What a request brings, checked by the schemas of its route.
 *
 * @throws InkwireError `bad_request`, or `not_found` where a path names nothing that could be; `too_large`
 */
export async function readInput(
  route: Route,
  { request, params }: Incoming,
  maxBodyBytes: number,
): Promise<Input> {
  return {
    params: readParams(route, params),
    query: check(route.query ?? NO_QUERY, readQuery(request.url), "bad_request"),
    body:
      route.body === undefined
        ? undefined
        : check(route.body, await readJsonBody(request, maxBodyBytes), "invalid_request"),
  };
}

const NO_QUERY = v.strictObject({});

/** `/api/books/x` is as missing as a book that never was. */
function readParams({ params: schema }: Route, params: Readonly<Record<string, string>>): unknown {
  if (schema === undefined) return undefined;
  const decoded: Record<string, string> = {};
  for (const [name, value] of Object.entries(params)) {
    try {
      decoded[name] = decodeURIComponent(value);
    } catch {
      throw new InkwireError("not_found", "There is no such thing.");
    }
  }
  const result = v.safeParse(schema, decoded);
  if (!result.success) throw new InkwireError("not_found", "There is no such thing.");
  return result.output;
}

/** A name that is given twice becomes a list, which no schema of one value takes. */
function readQuery(url: string): Record<string, string | string[]> {
  const { searchParams } = new URL(url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

function check(
  schema: v.GenericSchema,
  given: unknown,
  code: "bad_request" | "invalid_request",
): unknown {
  const result = v.safeParse(schema, given);
  if (result.success) return result.output;
  // Names of fields come from outside too.
  const issues = result.issues.map(({ message, path }) => ({
    message,
    path: (path ?? []).map((part) => printable(String(part.key))),
  }));
  throw new InkwireError(code, describeIssues(issues).slice(0, 500));
}

function printable(name: string): string {
  return name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, "")
    .slice(0, 40);
}
