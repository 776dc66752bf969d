import { expect, it } from "vitest";
import { openServerRoom } from "./support/server-room.js";

it("says that it lives, that it is ready, and for an admin what it does", async () => {
  await using room = await openServerRoom();
  const { ask } = room;
  expect((await ask("GET /health")).json).toEqual({ status: "ok" });
  expect((await ask("GET /ready")).json).toEqual({ status: "ready" });
  await ask("POST /api/books", { as: "ada", body: { title: "Tides", chapters: 1, words: 300 } });
  await room.inkwire.books.wait("ada", 1);
  const { json } = await ask("GET /status", { as: "admin:root" });
  expect(json).toMatchObject({
    draining: false,
    connections: { total: 0, sse: 0, websocket: 0, users: 0 },
    jobs: { queued: 0, processing: 0, completed: 1, failed: 0, cancelled: 0 },
    history: { head: room.inkwire.bus.head(), epoch: room.inkwire.bus.epoch },
  });
  expect(json.version).toMatch(/^\d+\.\d+\.\d+/);
});

it("turns unready while it drains, refuses what changes something, and still answers what reads", async () => {
  await using room = await openServerRoom({ connections: { drainMs: 0 } });
  const { ask, inkwire } = room;
  await inkwire.drain();
  expect(inkwire.isDraining).toBe(true);
  const ready = await ask("GET /ready");
  expect(ready).toMatchObject({ status: 503, json: { status: "draining" } });
  expect(ready.headers.get("retry-after")).toBe("5");
  expect((await ask("GET /health")).status).toBe(200);
  const post = await ask("POST /api/books", { as: "ada", body: { title: "Tides" } });
  expect(post).toMatchObject({ status: 503, json: { code: "draining", retryable: true } });
  expect(post.headers.has("retry-after")).toBe(true);
  expect((await ask("GET /events", { as: "ada" })).json).toMatchObject({ code: "draining" });
  expect((await ask("GET /api/books", { as: "ada" })).status).toBe(200);
  await inkwire.close();
  await inkwire.close();
});

it("counts for Prometheus: requests by route and status, connections, jobs, history", async () => {
  await using room = await openServerRoom();
  const { ask, inkwire } = room;
  await ask("GET /api/books/7", { as: "ada" });
  await ask("GET /somewhere/else/{}");
  await ask("POST /api/books", { as: "ada", body: { title: "Tides", chapters: 1, words: 300 } });
  await inkwire.books.wait("ada", 1);
  const stream = await inkwire.fetch(
    new Request("http://localhost/events", {
      headers: { authorization: `Bearer ${await room.token("ada")}` },
    }),
  );
  const { text, headers } = await ask("GET /metrics", { as: "admin:root" });
  expect(headers.get("content-type")).toContain("text/plain; version=0.0.4");
  for (const line of [
    'inkwire_http_requests_total{route="getBook",method="GET",status="404"} 1',
    'inkwire_http_requests_total{route="missing",method="GET",status="404"} 1',
    'inkwire_http_request_duration_seconds_count{route="createBook"} 1',
    'inkwire_connections{transport="sse"} 1',
    'inkwire_connections_opened_total{transport="sse",resume="fresh"} 1',
    "inkwire_connected_users 1",
    'inkwire_jobs_ended_total{status="completed"} 1',
    'inkwire_jobs{status="processing"} 0',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(/inkwire_published_messages_total [1-9]/);
  expect(text).toMatch(/nodejs_eventloop_lag_seconds \d/);
  // No label is a client's choice, so that nobody makes their number grow.
  expect(text).not.toMatch(/ada|somewhere/);
  // A stream's duration is none of an answer's.
  expect(text).not.toContain('duration_seconds_count{route="events"}');
  await stream.body?.cancel();
});

it("shows its metrics to this machine, and to others only with the scope", async () => {
  await using room = await openServerRoom();
  const { url } = await room.inkwire.listen();
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  const proxied = await fetch(`${url}/metrics`, { headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(proxied.status).toBe(401);
  expect((await room.ask("GET /metrics")).status).toBe(401);
  expect((await room.ask("GET /metrics", { as: "ada" })).status).toBe(403);

  await using strict = await openServerRoom({ metrics: "admin" });
  const { url: strictUrl } = await strict.inkwire.listen();
  expect((await fetch(`${strictUrl}/metrics`)).status).toBe(401);
  await using open = await openServerRoom({ metrics: "open" });
  expect((await open.ask("GET /metrics")).status).toBe(200);
  await using none = await openServerRoom({ metrics: null });
  expect((await none.ask("GET /metrics", { as: "admin:root" })).status).toBe(404);
});
