import { once } from "node:events";
import { expect, it } from "vitest";
import { createScriptedAuthor } from "../books/support/scripted-author.js";
import { openServerRoom } from "./support/server-room.js";
import { openSse } from "./support/sse-reader.js";

const body = { title: "The Tides of Brittany", chapters: 1, words: 300 };

it("tells what a POST sets off, from queued to completed, over SSE and WebSocket alike, and nobody else", async () => {
  await using room = await openServerRoom();
  const { inkwire } = room;
  const { url } = await inkwire.listen();
  const [ada, bob] = [await room.token("ada"), await room.token("bob")];
  await using sse = await openSse(`${url}/events`, { authorization: `Bearer ${ada}` });
  await using query = await openSse(`${url}/events?token=${ada}`);
  await using stranger = await openSse(`${url}/events`, { authorization: `Bearer ${bob}` });
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, [
    "inkwire.v1",
    `inkwire.token.${ada}`,
  ]);
  const frames: Array<{ type: string; data: { status?: string } }> = [];
  socket.addEventListener("message", ({ data }) => void frames.push(JSON.parse(String(data))));
  await once(socket, "open");
  await expect
    .poll(() => inkwire.connections.counts)
    .toMatchObject({ sse: 3, websocket: 1, users: 2 });

  await room.ask("POST /api/books", { as: "ada", body });
  const statuses = (messages: ReadonlyArray<{ type: string; data: { status?: string } }>) => [
    ...new Set(
      messages
        .filter(({ type }) => type === "book_generation_update")
        .map(({ data }) => data.status),
    ),
  ];
  for (const read of [() => sse.messages, () => query.messages, () => frames]) {
    await expect
      .poll(() => statuses(read()), { timeout: 10_000 })
      .toEqual(["queued", "processing", "completed"]);
    await expect
      .poll(() =>
        read().some(
          ({ type, data }) => type === "notification" && JSON.stringify(data).includes("ready"),
        ),
      )
      .toBe(true);
  }
  expect(statuses(stranger.messages)).toEqual([]);
  expect(JSON.stringify(stranger.messages)).not.toContain("Tides");
  socket.close();
});

it("lets a reader of a book in, and no stranger; says which topic it was", async () => {
  await using room = await openServerRoom({ author: () => createScriptedAuthor() });
  await room.ask("POST /api/books", { as: "ada", body });
  await room.inkwire.books.wait("ada", 1);
  const mine = await room.inkwire.fetch(
    new Request("http://localhost/events?topics=book/1", {
      headers: { authorization: `Bearer ${await room.token("ada")}` },
    }),
  );
  expect(mine.status).toBe(200);
  await mine.body?.cancel();
  const none = await room.ask("GET /events?topics=book/2", { as: "ada" });
  const others = await room.ask("GET /events?topics=book/1", { as: "bob" });
  expect(others).toMatchObject({ status: 403, json: { code: "topic_forbidden" } });
  expect(others.json.detail).toBe(none.json.detail.replace("book/2", "book/1"));
});

it("carries request id, CORS and hardening on the head of a stream, under Node and on the web", async () => {
  const origin = "https://app.example";
  await using room = await openServerRoom({ cors: { origins: [origin] } });
  const { url } = await room.inkwire.listen();
  const headers = {
    authorization: `Bearer ${await room.token("ada")}`,
    origin,
    "x-request-id": "r-1",
  };
  for (const response of [
    await fetch(`${url}/events`, { headers }),
    await room.inkwire.fetch(new Request("http://localhost/events", { headers })),
  ]) {
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "x-request-id": "r-1",
      "access-control-allow-origin": origin,
      vary: "Origin",
      "x-content-type-options": "nosniff",
    });
    await response.body?.cancel();
  }
  await expect.poll(() => room.inkwire.connections.counts.total).toBe(0);
  expect((await fetch(`${url}/events`, { method: "HEAD", headers })).status).toBe(405);
});

it("renews the token of one's own open connection, and of nobody else's", async () => {
  await using room = await openServerRoom();
  const { url } = await room.inkwire.listen();
  await using sse = await openSse(`${url}/events`, {
    authorization: `Bearer ${await room.token("ada")}`,
  });
  const id = (await sse.first("wire.hello")).data["connection_id"];
  const renewed = await room.ask(`POST /events/${id}/token`, { as: "admin:ada" });
  expect(renewed.status).toBe(200);
  expect(Date.parse(renewed.json.expires_at)).toBeGreaterThan(Date.now());
  await sse.first("wire.refreshed");
  const others = await room.ask(`POST /events/${id}/token`, { as: "bob" });
  expect(others).toMatchObject({ status: 404, json: { code: "not_found" } });
  expect(others.json.detail).toBe(
    (await room.ask("POST /events/none/token", { as: "bob" })).json.detail,
  );
});

it("greets whoever connects with what is scheduled, and welcomes each user once", async () => {
  await using room = await openServerRoom({
    welcome: { title: "Hello", message: "Nice to see you." },
  });
  const { url } = await room.inkwire.listen();
  await room.inkwire.notify.maintenance({
    title: "New disks",
    message: "Ten minutes.",
    scheduledTime: new Date(Date.now() + 60_000),
  });
  const headers = { authorization: `Bearer ${await room.token("ada")}` };
  await using sse = await openSse(`${url}/events`, headers);
  expect((await sse.first("system_notification")).data).toMatchObject({ title: "New disks" });
  expect((await sse.first("notification")).data).toMatchObject({ title: "Hello", kind: "welcome" });
  await using again = await openSse(`${url}/events`, headers);
  await again.first("wire.hello");
  await room.inkwire.notify.info("ada", { title: "Last", message: "…" });
  expect((await again.first("notification")).data).toMatchObject({ title: "Last" });
});

it("limits how fast one user connects, over SSE by 429 and over WebSocket by a close code", async () => {
  await using room = await openServerRoom({
    rateLimits: { perUser: { connect: { perMinute: 1, burst: 1 } } },
  });
  const { url } = await room.inkwire.listen();
  const token = await room.token("ada");
  await using sse = await openSse(`${url}/events`, { authorization: `Bearer ${token}` });
  await sse.first("wire.hello");
  const second = await fetch(`${url}/events`, { headers: { authorization: `Bearer ${token}` } });
  expect(second.status).toBe(429);
  expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(50);
  // A native EventSource would never come back after a 429.
  await using native = await openSse(`${url}/events?token=${token}`);
  const { data } = await native.first("wire.goodbye");
  expect(data).toMatchObject({ reconnect: true });
  expect(Number(data["reconnect_ms"])).toBeGreaterThan(50_000);
  await native.ended;
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws?token=${token}`, "inkwire.v1");
  const [{ code }] = (await once(socket, "close")) as [CloseEvent];
  expect(code).toBe(4013);
});

it("refuses upgrades elsewhere, and too many from one address, with an answer", async () => {
  await using room = await openServerRoom({
    rateLimits: { perAddress: { connect: { perMinute: 1, burst: 1 } } },
  });
  const { port } = await room.inkwire.listen();
  const { rawRequest } = await import("./support/raw-request.js");
  const upgrade = (path: string) =>
    rawRequest(
      port,
      `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
  expect(await upgrade("/elsewhere")).toMatchObject({ status: 404 });
  // The first is let in, and told by a close code that it brought no token.
  expect((await upgrade("/ws")).status).toBe(101);
  const refused = await upgrade("/ws");
  expect(refused.status).toBe(429);
  expect(refused.head).toMatch(/retry-after: \d+/i);
  expect(JSON.parse(refused.body)).toMatchObject({ code: "rate_limited" });
});
