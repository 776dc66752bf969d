import * as v from "valibot";
import { InkwireError } from "../../protocol/index.js";
import { makeProblem } from "../problem.js";
import { defineRoute, type Answer, type Route } from "../route.js";

/** What is answered where there is no route: refusals like all others. */
export const missingRoute: Route = defineRoute({
  ...fallback("missing", "/"),
  async handle() {
    throw new InkwireError("not_found", "There is nothing at this address.");
  },
});

export function wrongMethodRoute(path: Route["path"], methods: readonly string[]): Route {
  const allow = [...methods, "OPTIONS"].join(", ");
  return defineRoute({
    ...fallback("wrong_method", path),
    handle: async ({ requestId }) =>
      refusal(requestId, 405, "Method Not Allowed", `Expected one of ${allow}.`, { allow }),
  });
}

function fallback(id: string, path: Route["path"]) {
  return {
    id,
    method: "GET",
    path,
    summary: "",
    access: "open",
    bucket: "read",
    // Whatever stands behind the question mark, the refusal is about the path.
    query: v.unknown(),
    answers: {},
  } as const;
}

/** A refusal whose status is not that of its code. */
export function refusal(
  requestId: string,
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>>,
): Answer {
  const { problem } = makeProblem(new InkwireError("bad_request", detail), requestId);
  return {
    status,
    json: { ...problem, status, title },
    headers: {
      ...headers,
      "content-type": "application/problem+json; charset=utf-8",
      "cache-control": "no-store",
    },
  };
}
