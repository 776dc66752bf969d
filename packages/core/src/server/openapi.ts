import { toJsonSchema, type JsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { refusals, type RefusalCode } from "../protocol/index.js";
import type { AnswerShape, Route } from "./route.js";
import { problemSchema } from "./schemas/common.js";

type Json = Readonly<Record<string, unknown>>;

/**
 * The description of these routes (OpenAPI 3.1), made of the schemas that check them.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html
 */
export function makeOpenApi(routes: readonly Route[], version: string, basePath: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = describeRoute(route);
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "inkwire",
      version,
      description:
        "Books that are written live. What they tell meanwhile comes over /events or /ws.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: basePath === "" ? "/" : basePath }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: { Problem: schemaOf(problemSchema, "output") },
    },
  };
}

function describeRoute(route: Route): Json {
  const { id, summary, access, body } = route;
  const parameters = [
    ...parametersOf(route.params, "path"),
    ...parametersOf(route.query, "query"),
    ...Object.entries(route.headers ?? {}).map(([name, description]) => ({
      name,
      in: "header",
      description,
      schema: { type: "string" },
    })),
  ];
  return {
    operationId: id,
    summary: access === "admin" ? `${summary} (scope \`admin\`)` : summary,
    ...(access === "open" ? { security: [] } : { security: [{ token: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: !v.safeParse(body, undefined).success,
        content: { "application/json": { schema: schemaOf(body, "input") } },
      },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.answers).map(([status, shape]) => [status, describeAnswer(shape)]),
      ),
      ...problemsOf(route),
    },
  };
}

function describeAnswer({ description, schema, media, headers }: AnswerShape): Json {
  const content =
    schema === undefined
      ? Object.fromEntries((media ?? []).map((type) => [type, {}]))
      : { "application/json": { schema: schemaOf(schema, "output") } };
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, text]) => [
          name,
          { description: text, schema: { type: "string" } },
        ]),
      ),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

/** One entry for each status that a refusal of this route has, with the codes it may carry. */
function problemsOf({ access, bucket, body, refusals: own = [] }: Route): Json {
  const codes: RefusalCode[] = ["bad_request", ...own];
  if (access !== "open") codes.push("token_missing", "token_invalid", "token_expired");
  if (access === "admin") codes.push("scope_missing");
  if (bucket !== null) codes.push("rate_limited");
  if (bucket === "write") codes.push("draining");
  if (body !== undefined) codes.push("too_large");
  const byStatus: Record<number, Set<RefusalCode>> = {};
  for (const code of codes) {
    const row = refusals[code];
    if ("status" in row) (byStatus[row.status] ??= new Set()).add(code);
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, set]) => [
      status,
      {
        description: [...set].map((code) => `\`${code}\``).join(", "),
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    ]),
  );
}

function parametersOf(schema: v.GenericSchema | undefined, place: "path" | "query"): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input");
  return Object.entries(properties).map(([name, shape]) => {
    const { description, ...rest } = shape as JsonSchema;
    return {
      name,
      in: place,
      required: place === "path" || required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

function schemaOf(schema: v.GenericSchema, typeMode: "input" | "output"): JsonSchema {
  // Rules that JSON Schema has no word for are left out; what an input must fulfil beside says its refusal.
  const { $schema: _draft, ...rest } = toJsonSchema(schema, {
    target: "draft-2020-12",
    errorMode: "ignore",
    typeMode,
  });
  return rest;
}
