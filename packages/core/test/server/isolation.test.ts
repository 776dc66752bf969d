import { expect, it } from "vitest";
import { openServerRoom } from "./support/server-room.js";

/** Each call that names a thing; `{id}` is one of ada's, and then one that never was. */
const calls: ReadonlyArray<{ call: string; of: "book" | "notification"; body?: unknown }> = [
  { call: "GET /api/books/{id}", of: "book" },
  { call: "GET /api/books/{id}/chapters/1", of: "book" },
  { call: "GET /api/books/{id}/export", of: "book" },
  { call: "POST /api/books/{id}/cancel", of: "book" },
  { call: "POST /api/books/{id}/pause", of: "book" },
  { call: "POST /api/books/{id}/resume", of: "book" },
  { call: "DELETE /api/books/{id}", of: "book" },
  { call: "POST /api/notifications/{id}/read", of: "notification" },
  { call: "DELETE /api/notifications/{id}", of: "notification" },
];

it("tells bob of ada's things exactly what it tells of things that never were", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  await ask("POST /api/books", { as: "ada", body: { title: "Hers", chapters: 1, words: 300 } });
  await room.inkwire.books.wait("ada", 1);
  await room.inkwire.notify.info("ada", { id: "hers", title: "Hers", message: "Not yours." });
  const before = {
    book: (await ask("GET /api/books/1", { as: "ada" })).json,
    inbox: (await ask("GET /api/notifications", { as: "ada" })).json,
  };

  for (const { call, of } of calls) {
    const [hers, none] = of === "book" ? ["1", "2"] : ["hers", "none"];
    // An admin's scope is for the operator's calls, and opens nobody's books.
    for (const as of ["bob", "admin:bob"]) {
      const theirs = await ask(call.replace("{id}", hers), {
        as,
        headers: { "x-request-id": "r" },
      });
      const missing = await ask(call.replace("{id}", none), {
        as,
        headers: { "x-request-id": "r" },
      });
      expect(theirs.status, call).toBe(404);
      expect(theirs.json).toEqual({
        ...missing.json,
        detail: missing.json.detail.replace(none, hers),
      });
      expect(Object.fromEntries(theirs.headers)).toEqual(Object.fromEntries(missing.headers));
    }
  }
  expect((await ask("GET /api/books", { as: "bob" })).json).toEqual({ books: [] });
  expect((await ask("GET /api/notifications", { as: "bob" })).json.notifications).toEqual([]);
  expect((await ask("POST /api/notifications/read-all", { as: "bob" })).json).toEqual({
    unread: 0,
  });
  expect({
    book: (await ask("GET /api/books/1", { as: "ada" })).json,
    inbox: (await ask("GET /api/notifications", { as: "ada" })).json,
  }).toEqual(before);
});

it("lets nobody in without a good token, and into the operator's calls without the scope", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  const { json } = await ask("GET /openapi.json");
  const open = new Set(["/health", "/ready", "/openapi.json"]);
  let checked = 0;
  for (const [path, operations] of Object.entries<Record<string, { summary: string }>>(
    json.paths,
  )) {
    for (const [method, { summary }] of Object.entries(operations)) {
      if (open.has(path) || path === "/ws") continue;
      checked += 1;
      const call = `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "1")}`;
      const nobody = await ask(call);
      expect(nobody.status, call).toBe(401);
      expect(nobody.json.code).toBe("token_missing");
      expect(nobody.headers.get("www-authenticate")).toBe('Bearer realm="inkwire"');
      const forged = await ask(call, { headers: { authorization: "Bearer a.b.c" } });
      expect(forged.json.code, call).toBe("token_invalid");
      expect(forged.headers.get("www-authenticate")).toContain('error="invalid_token"');
      if (!summary.includes("scope `admin`")) continue;
      const user = await ask(call, { as: "ada", ...(method === "post" && { body: {} }) });
      expect(user, call).toMatchObject({ status: 403, json: { code: "scope_missing" } });
      expect(user.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    }
  }
  expect(checked).toBeGreaterThanOrEqual(19);
});
