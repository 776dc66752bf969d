import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule, { type FormatsPlugin } from "ajv-formats";
import { expect, it } from "vitest";
import { openServerRoom, type Asked, type ServerRoom } from "./support/server-room.js";

const addFormats = addFormatsModule as unknown as FormatsPlugin;

interface Description {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: object } };
  };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly schema?: object }> }
  >;
}

async function describe(room: ServerRoom): Promise<Description> {
  return (await room.ask("GET /openapi.json")).json as Description;
}

it("is a valid description, and names every route there is", async () => {
  await using room = await openServerRoom();
  const described = await describe(room);
  const result = await new Validator().validate(described as never);
  expect(result).toMatchObject({ valid: true });

  const named = Object.entries(described.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = room.inkwire.app["~routes"]
    .filter(
      ({ method, route }) => ["GET", "POST", "DELETE"].includes(method ?? "") && route !== "/**",
    )
    .map(({ method, route }) => `${method} ${route?.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(named.toSorted()).toEqual(served.toSorted());
  expect(named).toHaveLength(33);
});

it("describes what is really answered: each answer of each route fits its schema, refusals too", async () => {
  await using room = await openServerRoom();
  const { ask, inkwire } = room;
  const described = await describe(room);
  const ajv = new Ajv2020({ strict: false, schemas: [{ ...described, $id: "api" }] });
  addFormats(ajv);

  await ask("POST /api/books", { as: "ada", body: { title: "Tides", chapters: 2, words: 600 } });
  await inkwire.books.wait("ada", 1);
  await inkwire.notify.info("ada", { id: "n1", title: "x", message: "y", actionUrl: "/" });
  await inkwire.notify.info("ada", { id: "n2", title: "x", message: "y" });
  const at = new Date(Date.now() + 60_000).toISOString();
  const book = { title: "Tides", chapters: 1, words: 300 };

  /** Every route with a call that works, and one that does not. */
  const calls: ReadonlyArray<[string, string, Parameters<ServerRoom["ask"]>[1]]> = [
    ["POST /api/books", "/api/books", { as: "ada", body: book }],
    ["POST /api/books", "/api/books", { as: "ada", body: {} }],
    ["POST /api/books/estimate", "/api/books/estimate", { as: "ada", body: book }],
    ["POST /api/books/estimate", "/api/books/estimate", { as: "ada", body: {} }],
    ["GET /api/books", "/api/books?limit=1", { as: "ada" }],
    ["GET /api/books", "/api/books", {}],
    ["GET /api/books/{id}", "/api/books/1", { as: "ada" }],
    ["GET /api/books/{id}", "/api/books/9", { as: "ada" }],
    ["GET /api/books/{id}/chapters/{number}", "/api/books/1/chapters/1", { as: "ada" }],
    ...(
      [
        ["GET", "versions", undefined],
        ["POST", "edit", { title: "Another title" }],
        ["POST", "edit", {}],
        ["GET", "diff", undefined],
        ["POST", "revert", { version: 1 }],
        ["GET", "versions", undefined],
        ["GET", "estimate", undefined],
        ["POST", "regenerate", {}],
      ] as const
    ).map(
      ([method, what, body]) =>
        [
          `${method} /api/books/{id}/chapters/{number}/${what}`,
          `/api/books/1/chapters/1/${what}`,
          { as: "ada", body },
        ] satisfies [string, string, object],
    ),
    ["GET /api/books/{id}/tasks/{task}", "/api/books/1/tasks/book-1-chapter-1-v4", { as: "ada" }],
    ["GET /api/books/{id}/tasks/{task}", "/api/books/1/tasks/other", { as: "ada" }],
    ["GET /api/books/{id}", "/api/books/1", { as: "ada" }],
    ["GET /api/books/{id}/export", "/api/books/1/export", { as: "ada" }],
    ["POST /api/books/{id}/cancel", "/api/books/2/cancel", { as: "ada" }],
    ["POST /api/books/{id}/pause", "/api/books/2/pause", { as: "ada" }],
    ["POST /api/books/{id}/resume", "/api/books/2/resume", { as: "ada" }],
    ["POST /api/books/{id}/resume", "/api/books/1/resume", { as: "ada", body: {} }],
    ["DELETE /api/books/{id}", "/api/books/1", { as: "ada" }],
    ["GET /api/notifications", "/api/notifications?limit=2", { as: "ada" }],
    ["POST /api/notifications/{id}/read", "/api/notifications/n1/read", { as: "ada" }],
    ["POST /api/notifications/read-all", "/api/notifications/read-all", { as: "ada" }],
    ["DELETE /api/notifications/{id}", "/api/notifications/n1", { as: "ada" }],
    [
      "POST /api/announcements",
      "/api/announcements",
      { as: "admin:root", body: { title: "x", message: "y", scheduled_time: at } },
    ],
    ["POST /api/announcements", "/api/announcements", { as: "ada", body: {} }],
    ["GET /api/announcements", "/api/announcements", { as: "ada" }],
    ["DELETE /api/announcements/{id}", "/api/announcements/announcement-1", { as: "admin:root" }],
    [
      "POST /api/test/notification",
      "/api/test/notification",
      { as: "admin:root", body: { user_id: "ada" } },
    ],
    ["POST /events/{id}/token", "/events/none/token", { as: "ada" }],
    ["GET /events", "/events", {}],
    ["GET /health", "/health", {}],
    ["GET /ready", "/ready", {}],
    ["GET /status", "/status", { as: "admin:root" }],
    ["GET /metrics", "/metrics", { as: "admin:root" }],
    ["GET /openapi.json", "/openapi.json", {}],
  ];
  const seen = new Set<string>();
  for (const [route, path, options] of calls) {
    const [method = "", template = ""] = route.split(" ");
    const operation = described.paths[template]?.[method.toLowerCase()];
    const answer = await ask(`${method} ${path}`, options);
    expect(operation?.responses, route).toHaveProperty(String(answer.status));
    const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
    const content = operation?.responses[answer.status]?.content ?? {};
    if (answer.text === "") {
      expect(content, route).toEqual({});
    } else {
      expect(Object.keys(content), route).toContain(type);
      check(ajv, content[type]?.schema, answer, route);
    }
    seen.add(operation?.operationId ?? "");
  }
  const all = Object.values(described.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(all.filter((id) => !seen.has(id))).toEqual(["websocket"]);
});

function check(ajv: Ajv2020, schema: object | undefined, answer: Asked, route: string): void {
  if (schema === undefined) return;
  const local = JSON.parse(
    JSON.stringify(schema).replaceAll("#/components", "api#/components"),
  ) as object;
  const strict = JSON.parse(
    // What an answer has and its schema does not name has drifted.
    JSON.stringify(local).replaceAll(
      '"type":"object"',
      '"type":"object","unevaluatedProperties":false',
    ),
  ) as object;
  const valid = ajv.validate(strict, answer.json);
  expect(valid, `${route}: ${ajv.errorsText()}`).toBe(true);
}

it("is what the reference says in words: each route has its heading there, and no other does", async () => {
  await using room = await openServerRoom();
  const { paths } = await describe(room);
  const page = readFileSync(
    new URL("../../../../docs/reference/http-api.md", import.meta.url),
    "utf8",
  );
  const written = [...page.matchAll(/^### `([A-Z]+ \S+)`$/gm)].map(([, call = ""]) => call);
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(
      (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    ),
  );
  expect(written.toSorted()).toEqual(described.toSorted());
});

it("describes what is really taken: the bounds of a book are those of its schema", async () => {
  await using room = await openServerRoom();
  const { paths } = await describe(room);
  const schema = paths["/api/books"]?.["post"]?.requestBody?.content["application/json"].schema;
  expect(schema).toMatchObject({
    required: ["title"],
    additionalProperties: false,
    properties: {
      title: { type: "string", maxLength: 300 },
      chapters: { type: "integer", minimum: 1, maximum: 200, default: 12 },
      max_tokens: { type: "integer", minimum: 1_000 },
    },
  });
});

it("names where it is mounted, and no books where there are none", async () => {
  await using room = await openServerRoom({ basePath: "/live", books: undefined });
  const { json } = await room.ask("GET /live/openapi.json");
  expect(json.servers).toEqual([{ url: "/live" }]);
  expect(Object.keys(json.paths).filter((path) => path.includes("books"))).toEqual([]);
  expect((await room.ask("GET /live/api/books", { as: "ada" })).status).toBe(404);
});
