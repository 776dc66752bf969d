import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import express from "express";
import { H3 } from "h3";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { defineMessage, defineMessages, durable, InkwireError } from "../../src/protocol/index.js";
import * as v from "valibot";
import { createInkwire } from "../../src/server/create-inkwire.js";
import { openServerRoom, SECRET } from "./support/server-room.js";
import { openSse } from "./support/sse-reader.js";

it("mounts in an Express app beside its routes, streams and upgrades included", async () => {
  await using room = await openServerRoom();
  const app = express();
  app.get("/own", (_req, res) => void res.send("own"));
  app.use("/live", room.inkwire.listener);
  const server = createServer(app);
  server.on("upgrade", (req, socket, head) => {
    req.url = req.url?.replace(/^\/live/, "");
    if (!room.inkwire.upgrade(req, socket, head)) socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await (await fetch(`${url}/own`)).text()).toBe("own");
    expect(await (await fetch(`${url}/live/health`)).json()).toEqual({ status: "ok" });
    const authorization = `Bearer ${await room.token("ada")}`;
    const made = await fetch(`${url}/live/api/books`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ title: "Tides", chapters: 1, words: 300 }),
    });
    expect(made.status).toBe(202);
    await using sse = await openSse(`${url}/live/events`, { authorization });
    await sse.first("wire.hello");
    const socket = new WebSocket(
      `${url.replace("http", "ws")}/live/ws?token=${await room.token("ada")}`,
      "inkwire.v1",
    );
    const [{ data }] = (await once(socket, "message")) as [MessageEvent];
    expect(JSON.parse(String(data))).toMatchObject({ type: "wire.hello" });
    socket.close();
    await room.inkwire.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it("mounts in a Hono app, with the base cut off or kept", async () => {
  for (const basePath of ["", "/live"]) {
    await using room = await openServerRoom({ basePath });
    const app = new Hono();
    app.get("/own", (c) => c.text("own"));
    if (basePath === "") app.mount("/live", room.inkwire.fetch);
    else app.all("/live/*", (c) => room.inkwire.fetch(c.req.raw));
    const authorization = `Bearer ${await room.token("ada")}`;
    expect(await (await app.request("/own")).text()).toBe("own");
    expect(
      (await app.request("/live/api/notifications", { headers: { authorization } })).status,
    ).toBe(200);
    expect((await app.request("/live/nowhere")).status).toBe(404);
    const stream = await app.request("/live/events", { headers: { authorization } });
    const reader = stream.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("retry:");
    await reader?.cancel();
    await expect.poll(() => room.inkwire.connections.counts.total).toBe(0);
  }
});

it("ends the stream of a request that is aborted, and makes no error of it", async () => {
  await using room = await openServerRoom();
  const gone = new AbortController();
  const stream = await room.inkwire.fetch(
    new Request("http://localhost/events", {
      headers: { authorization: `Bearer ${await room.token("ada")}` },
      signal: gone.signal,
    }),
  );
  const reader = stream.body?.getReader();
  await reader?.read();
  gone.abort();
  // Hono's adapter prints what such a stream throws.
  await expect.poll(async () => (await reader?.read())?.done).toBe(true);
  expect(room.inkwire.connections.counts.total).toBe(0);
});

it("mounts in an h3 app, whose other routes and errors stay its own", async () => {
  await using room = await openServerRoom();
  const app = new H3();
  app.get("/own", () => "own");
  app.mount("/live", room.inkwire.app);
  expect(await (await app.request("/own")).text()).toBe("own");
  const refused = await app.request("/live/api/books");
  expect(refused.status).toBe(401);
  expect(refused.headers.get("content-type")).toContain("application/problem+json");
  expect((await app.request("/live/health")).status).toBe(200);
  expect(await (await app.request("/live/nowhere")).json()).toMatchObject({ code: "not_found" });
  expect(await (await app.request("/nowhere")).json()).not.toHaveProperty("code");
  const upgrade = (await app.request("/live/ws", {
    headers: { upgrade: "websocket" },
  })) as Response & { crossws?: unknown };
  expect(upgrade.crossws).toBe(room.inkwire.websocket);
});

it("says where a new book is, also under a base of its own", async () => {
  await using room = await openServerRoom({ basePath: "/live/" });
  const made = await room.ask("POST /live/api/books", {
    as: "ada",
    body: { title: "Tides", chapters: 1, words: 300 },
  });
  expect(made.headers.get("location")).toBe("/live/api/books/1");
  expect((await room.ask("GET /api/books/1", { as: "ada" })).status).toBe(404);
  const { url } = await room.inkwire.listen();
  await using sse = await openSse(`${url}/live/events?token=${await room.token("ada")}`);
  await sse.first("wire.hello");
});

it("serves messages and tokens of your own, without any books", async () => {
  const messages = defineMessages({
    order_shipped: defineMessage(v.object({ order: v.number() }), durable()),
  });
  await using inkwire = await createInkwire({
    messages,
    auth: {
      verifier: {
        async verify(token) {
          const userId = /^session-(\w+)$/.exec(token ?? "")?.[1];
          if (userId === undefined) throw new InkwireError("token_invalid", "The session is over.");
          return { userId, scopes: new Set(), topics: [], expiresAt: Date.now() + 60_000 };
        },
      },
    },
    canSubscribe: (_identity, topic) => (topic === "room/7" ? true : undefined),
  });
  const { url } = await inkwire.listen();
  await using sse = await openSse(`${url}/events?topics=room/7`, {
    authorization: "Bearer session-42",
  });
  await sse.first("wire.hello");
  await inkwire.bus.publish("user/42", "order_shipped", { order: 7 });
  await inkwire.bus.publish("room/7", "order_shipped", { order: 8 });
  await inkwire.notify.info("42", { title: "Shipped", message: "Order 7." });
  await expect
    .poll(() => sse.messages.map(({ type, data }) => [type, data["order"]]).slice(1))
    .toEqual([
      ["order_shipped", 7],
      ["order_shipped", 8],
      ["notification", undefined],
      ["inbox_update", undefined],
    ]);
  const refused = await fetch(`${url}/events`, { headers: { authorization: "Bearer session-" } });
  expect(refused.status).toBe(401);
  expect(inkwire.books).toBeUndefined();
});

it.each([
  [{ auth: {} }, /exactly one of secret, publicKey and jwksUrl/],
  [{ auth: undefined }, /auth/],
  [{ auth: { secret: "short" } }, /secret/],
  [{ basePath: "live" }, /basePath/],
  [{ basePath: "/a b" }, /basePath/],
  [{ maxBodyBytes: 10 }, /maxBodyBytes/],
  [{ trustProxy: -1 }, /trustProxy/],
  [{ cors: { origins: ["x"] } }, /cors\.origins/],
  [{ rateLimits: { perUser: { read: { perMinute: -1, burst: 1 } } } }, /rateLimits/],
  [{ connections: { heartbeatMs: 15 } }, /heartbeatMs/],
  [{ messages: { notification: defineMessage(v.object({}), durable()) } }, /notification/],
])("refuses %j at the start, and says what was expected", async (wrong, message) => {
  const options = { auth: { secret: SECRET }, ...wrong } as Parameters<typeof createInkwire>[0];
  await expect(createInkwire(options)).rejects.toThrow(message);
  await expect(createInkwire(options)).rejects.toMatchObject({ code: "invalid_option" });
});

it("says which port it can't have", async () => {
  await using room = await openServerRoom();
  const { port } = await room.inkwire.listen();
  await expect(room.inkwire.listen({ port })).rejects.toMatchObject({
    code: "invalid_option",
    message: expect.stringContaining(`port ${port} (EADDRINUSE)`),
  });
});
