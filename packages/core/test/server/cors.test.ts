import { expect, it } from "vitest";
import { createCors, type CorsOptions } from "../../src/server/cors.js";
import { openServerRoom } from "./support/server-room.js";

const app = "https://app.example";

it.each<[string, CorsOptions | undefined, string | undefined, Record<string, string | null>]>([
  ["no list", undefined, app, { "access-control-allow-origin": null, vary: "Origin" }],
  [
    "no origin",
    { origins: [app] },
    undefined,
    { "access-control-allow-origin": null, vary: "Origin" },
  ],
  [
    "a listed origin",
    { origins: [app] },
    app,
    {
      "access-control-allow-origin": app,
      vary: "Origin",
      "access-control-allow-credentials": null,
    },
  ],
  [
    "one that only begins like it",
    { origins: [app] },
    `${app}.evil.example`,
    { "access-control-allow-origin": null, vary: "Origin" },
  ],
  [
    "another scheme",
    { origins: [app] },
    "http://app.example",
    { "access-control-allow-origin": null },
  ],
  ["another port", { origins: [app] }, `${app}:8443`, { "access-control-allow-origin": null }],
  ["a sandboxed page", { origins: [app] }, "null", { "access-control-allow-origin": null }],
  [
    "credentials",
    { origins: [app], credentials: true },
    app,
    { "access-control-allow-origin": app, "access-control-allow-credentials": "true" },
  ],
  [
    "everybody",
    { origins: "*" },
    app,
    { "access-control-allow-origin": "*", "access-control-allow-credentials": null, vary: null },
  ],
])(
  "with %s says the right thing on answers, refusals, streams and preflights",
  async (_name, cors, origin, expected) => {
    await using room = await openServerRoom({ cors });
    const headers = origin === undefined ? {} : { origin };
    const answers = [
      await room.ask("GET /api/books", { as: "ada", headers }),
      await room.ask("GET /api/books", { headers }),
      await room.ask("GET /nowhere", { headers }),
      await room.ask("OPTIONS /api/books", {
        headers: {
          ...headers,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization",
        },
      }),
    ];
    for (const answer of answers) {
      for (const [name, value] of Object.entries(expected)) {
        expect(answer.headers.get(name), `${answer.status} ${name}`).toBe(value);
      }
    }
    const isAllowed = expected["access-control-allow-origin"] !== null;
    expect(answers[0]?.headers.has("access-control-expose-headers")).toBe(isAllowed);
    const preflight = answers[3];
    expect(preflight?.status).toBe(204);
    expect(preflight?.headers.has("access-control-allow-methods")).toBe(isAllowed);
    if (isAllowed) {
      expect(preflight?.headers.get("access-control-allow-headers")).toMatch(
        /authorization.*idempotency-key/i,
      );
      expect(preflight?.headers.get("access-control-max-age")).toBe("600");
    }
  },
);

it.each([
  [{ origins: "*", credentials: true }],
  [{ origins: ["app.example"] }],
  [{ origins: ["https://app.example/"] }],
  [{ origins: ["https://*.example"], credentials: false }],
  [{ origins: ["null"] }],
] as const)("refuses %j at the start", (options) => {
  const open = () => createCors(options);
  expect(open).toThrow(/cors\.(origins|credentials)/);
});
