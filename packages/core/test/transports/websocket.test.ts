import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import type { Refused } from "../support/wire-client.js";
import { startGatewayServer, type GatewayServerOptions } from "../support/gateway-server.js";

const start = (options?: GatewayServerOptions) => startGatewayServer("websocket", options);

it("adds and removes topics, refuses those of others, and stays", async () => {
  await using server = await start();
  await using client = await server.connect("1");
  client.send({ type: "wire.subscribe", data: { topics: ["book/1", "book/2"] } });
  expect((await client.next("wire.topics")).data).toEqual({
    topics: ["user/1", "all", "book/1"],
    refused: ["book/2"],
  });
  await server.note("book/2", 1);
  await server.note("book/1", 2);
  expect((await client.next("note")).data.n).toBe(2);
  client.send({ type: "wire.unsubscribe", data: { topics: ["book/1", "user/1", "all"] } });
  expect((await client.next("wire.topics")).data.topics).toEqual(["user/1", "all"]);
  await server.note("book/1", 3);
  await server.note("user/1", 4);
  expect((await client.next("note")).data.n).toBe(4);
});

it("answers a ping, and leaves the cursor alone", async () => {
  await using server = await start();
  await using client = await server.connect("1");
  await server.note("user/2", 1);
  client.send({ type: "wire.ping" });
  expect(await client.next("wire.pong")).not.toHaveProperty("id");
});

it("takes a fresh token of the same user, and closes for another's or a bad one", async () => {
  await using server = await start();
  const fresh = await server.token("1", { ttlMs: 7_200_000 });
  await using client = await server.connect("1");
  client.send({ type: "wire.token", data: { token: fresh } });
  expect((await client.next("wire.refreshed")).data.expires_at).toBe("2026-01-01T02:00:00.000Z");
  client.send({ type: "wire.token", data: { token: await server.token("2") } });
  expect(await client.ended).toBe(4501);
  await using other = await server.connect("1");
  other.send({ type: "wire.token", data: { token: "a.b.c" } });
  expect(await other.ended).toBe(4501);
});

it.each([
  ["a binary frame", randomBytes(20), 4500],
  ["no JSON", "{", 4500],
  ["no object", "[1]", 4500],
  ["null", "null", 4500],
  ["no command", { type: "note", data: { n: 1 } }, 4500],
  ["a message of the server", { type: "wire.hello", data: {} }, 4500],
  ["topics that are none", { type: "wire.subscribe", data: { topics: "all" } }, 4500],
  ["a topic that is none", { type: "wire.subscribe", data: { topics: ["Book/1"] } }, 4500],
  ["a topic that is no text", { type: "wire.subscribe", data: { topics: [{}] } }, 4500],
  ["no token", { type: "wire.token", data: { token: 1 } }, 4500],
  ["17 kB", { type: "wire.ping", data: "x".repeat(17_000) }, 4500],
  ["17 kB of other scripts in fewer units", `"${"書".repeat(6_000)}"`, 4500],
  ["1 MB", { type: "wire.ping", data: "x".repeat(1_000_000) }, 1009],
])("closes for %s, and serves the others", async (_, frame, code) => {
  await using server = await start();
  await using bad = await server.connect("1");
  await using good = await server.connect("1");
  bad.send(frame);
  expect(await bad.ended).toBe(code);
  await server.note("user/1", 1);
  await good.next("note");
  expect(server.gateway.connections.counts.total).toBe(1);
});

it("closes for a flood of commands, and has bounded what it kept of them", async () => {
  let asked = 0;
  await using server = await start({
    canSubscribe: (_, topic) => {
      if (topic === "all" || topic.startsWith("user/")) return true;
      asked += 1;
      return new Promise<boolean>(() => {});
    },
  });
  await using client = await server.connect("1");
  for (let n = 0; n < 2_000; n += 1) {
    client.send({ type: "wire.subscribe", data: { topics: [`book/${n}`] } });
  }
  expect(await client.ended).toBe(4013);
  expect(asked).toBeLessThanOrEqual(16);
});

/** A frame of a client, masked with zeros. */
const frame = (first: number, ...payload: number[]) =>
  Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
const many = (count: number, one: Buffer) =>
  Buffer.concat(Array.from({ length: count }, () => one));

it.each([
  ["pings", many(1_000, frame(0x89)), 4013],
  ["pings that carry something", many(1_000, frame(0x89, ...Buffer.from("x".repeat(125)))), 4013],
  ["answers that nobody asked for", many(1_000, frame(0x8a)), 4013],
  ["parts of a byte", Buffer.concat([frame(0x01, 0x7b), many(60_000, frame(0x00, 0x20))]), 1008],
  ["parts of nothing", Buffer.concat([frame(0x01), many(200_000, frame(0x00))]), 1008],
  [
    "pings between the parts",
    Buffer.concat([frame(0x01), many(60, Buffer.concat([frame(0x89), frame(0x00)]))]),
    4013,
  ],
])(
  "closes for a flood of %s, soon and with little kept, and serves the others",
  async (_, flood, code) => {
    await using server = await start();
    await using good = await server.connect("1");
    const token = await server.token("2");
    const { socket } = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
    await expect.poll(() => server.gateway.connections.isUserConnected("2")).toBe(true);
    let got = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => (got = Buffer.concat([got, bytes])));
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write(flood);
    await server.note("user/1", 1);
    await good.next("note");
    await ended;
    // 50 answers at most, then the close frame with its code.
    expect(got.length).toBeLessThan(60 * 127);
    const isLimited = code === 4013;
    const at = got.lastIndexOf(Buffer.from([0x88, isLimited ? 2 + "rate_limited".length : 2]));
    // What it sent and nobody read may have broken the connection before it could read that.
    if (at >= 0) expect(got.readUInt16BE(at + 2)).toBe(code);
    const refused = { kind: "refused", code: "rate_limited", userId: "2" };
    if (isLimited) expect(server.events).toContainEqual(expect.objectContaining(refused));
    expect(server.gateway.connections.counts.total).toBe(1);
    expect(server.bus.stats().subscriptions).toBe(1);
  },
);

it("closes for a frame that comes byte by byte, when too many pieces wait for its end", async () => {
  await using server = await start();
  const token = await server.token("1");
  const { socket } = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
  await expect.poll(() => server.gateway.connections.isUserConnected("1")).toBe(true);
  socket.setNoDelay(true);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  socket.write(Buffer.from([0x81, 0x80 | 126, 0x3f, 0xff, 0, 0, 0, 0]));
  let sent = 0;
  while (socket.writable && sent < 16_000) {
    socket.write(" ");
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  expect(sent).toBeLessThan(16_000);
});

it("lets those be who ping now and then, and who send a command in several parts", async () => {
  await using server = await start();
  const token = await server.token("1");
  const { socket } = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
  await expect.poll(() => server.gateway.connections.isUserConnected("1")).toBe(true);
  let got = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => (got = Buffer.concat([got, bytes])));
  for (let n = 0; n < 20; n += 1) socket.write(frame(0x89, n));
  const command = Buffer.from(`{"type":"wire.ping"}`);
  for (const [index, byte] of command.entries())
    socket.write(frame((index === command.length - 1 ? 0x80 : 0) | (index === 0 ? 1 : 0), byte));
  await expect.poll(() => got.toString()).toContain("wire.pong");
  for (let n = 0; n < 20; n += 1) expect(got.includes(Buffer.from([0x8a, 1, n]))).toBe(true);
  expect(server.gateway.connections.counts.total).toBe(1);
  socket.destroy();
});

it("never has more topics than it may", async () => {
  await using server = await start({ maxTopics: 4, canSubscribe: () => true });
  await using client = await server.connect("1", { topics: ["book/1"] });
  client.send({ type: "wire.subscribe", data: { topics: ["book/2", "book/1", "book/3"] } });
  expect((await client.next("wire.topics")).data).toEqual({
    topics: ["user/1", "all", "book/1", "book/2"],
    refused: ["book/3"],
  });
});

it("chooses its subprotocol, and never echoes the token that was offered", async () => {
  await using server = await start();
  const token = await server.token("1");
  const answer = await rawUpgrade(server.port, [
    `Sec-WebSocket-Protocol: inkwire.v1, inkwire.token.${token}`,
  ]);
  expect(answer.head).toContain("HTTP/1.1 101");
  expect(answer.head.toLowerCase()).toContain("sec-websocket-protocol: inkwire.v1\r\n");
  expect(answer.head).not.toContain(token);
  expect(answer.head.toLowerCase()).not.toContain("sec-websocket-extensions");
  await expect.poll(() => server.gateway.connections.isUserConnected("1")).toBe(true);
  answer.socket.destroy();
});

it("serves a client that offers no subprotocol, with the token in the address", async () => {
  await using server = await start();
  await using client = await server.connect("1", { protocols: [], tokenInUrl: true });
  expect(client.received[0]?.type).toBe("wire.hello");
});

it.each([
  ["https://evil.example", false],
  ["null", false],
  ["http://127.0.0.1:1", false],
  ["https://app.example.com", true],
  [undefined, true],
])("lets pages of %s in: %s", async (origin, isAllowed) => {
  await using server = await start({ allowedOrigins: ["https://app.example.com"] });
  const connecting = server.connect("1", { headers: origin === undefined ? {} : { origin } });
  if (!isAllowed) {
    await expect(connecting).rejects.toMatchObject({ code: "origin_forbidden", close: 4503 });
    return;
  }
  await using client = await connecting;
  expect(client.received).toHaveLength(1);
});

it("lets pages of the server's own host in", async () => {
  await using server = await start();
  const origin = `http://127.0.0.1:${server.port}`;
  await using client = await server.connect("1", { headers: { origin } });
  expect(client.received).toHaveLength(1);
});

it("tells one that is refused for now when to come back", async () => {
  await using server = await start({ maxConnections: 1 });
  await using one = await server.connect("1");
  const refused = await server.connect("2").then(
    () => undefined,
    (error: unknown) => error as Refused,
  );
  expect(refused?.received[0]).toMatchObject({ type: "wire.goodbye", data: { reconnect: true } });
  expect(refused?.received[0]?.data.reconnect_ms).toBeGreaterThanOrEqual(5_000);
  expect(one.received).toHaveLength(1);
});

it("ends a peer that was silent for two heartbeats, and not one that answers", async () => {
  await using server = await start();
  await using lively = await server.connect("1");
  const token = await server.token("2");
  const dead = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
  let last = Buffer.alloc(0);
  dead.socket.on("data", (bytes: Buffer) => (last = Buffer.concat([last, bytes])));
  const ended = once(dead.socket, "close");
  await expect.poll(() => server.gateway.connections.isUserConnected("2")).toBe(true);
  for (let round = 0; round < 5; round += 1) {
    await server.clock.advance(8_000);
    // Its pong takes the way over the network.
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  expect(server.gateway.connections.isUserConnected("2")).toBe(false);
  expect(server.gateway.connections.isUserConnected("1")).toBe(true);
  expect(server.gateway.stats().silent).toBe(1);
  expect(lively.received.some(({ type }) => type === "wire.heartbeat")).toBe(true);
  // It hears why, if it hears at all, and its socket is not waited for.
  await ended;
  const close = last.subarray(-11);
  expect([close[0], close.readUInt16BE(2), close.toString("latin1", 4)]).toEqual([
    0x88,
    4012,
    "no_pong",
  ]);
});

it("frees everything of a peer that breaks off in the middle of a frame", async () => {
  await using server = await start();
  const token = await server.token("1");
  const { socket } = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
  await expect.poll(() => server.gateway.connections.isUserConnected("1")).toBe(true);
  // A text frame that promises 100 bytes and brings three.
  socket.write(Buffer.from([0x81, 0x80 | 100, 1, 2, 3, 4, 5, 6, 7]));
  socket.end();
  await expect.poll(() => server.bus.stats().subscriptions).toBe(0);
  expect(server.gateway.connections.counts.total).toBe(0);
});

it.each([
  ["an unmasked frame", [0x81, 0x02, 0x7b, 0x7d]],
  ["a reserved opcode", [0x83, 0x80, 0, 0, 0, 0]],
  ["a fragmented ping", [0x09, 0x80, 0, 0, 0, 0]],
  ["text that is no UTF-8", [0x81, 0x81, 0, 0, 0, 0, 0xff]],
])("ends a peer that sends %s", async (_, bytes) => {
  await using server = await start();
  const token = await server.token("1");
  const { socket } = await rawUpgrade(server.port, [`Authorization: Bearer ${token}`]);
  await expect.poll(() => server.gateway.connections.isUserConnected("1")).toBe(true);
  socket.write(Buffer.from(bytes));
  await expect.poll(() => server.gateway.connections.counts.total).toBe(0);
  socket.destroy();
});

/** A WebSocket as a few bytes on a socket, which answers nothing by itself. */
async function rawUpgrade(port: number, headers: readonly string[]) {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    [
      "GET /ws HTTP/1.1",
      "Host: 127.0.0.1",
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
      "\r\n",
    ].join("\r\n"),
  );
  const head = await new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes("\r\n\r\n")) resolve(text);
    });
  });
  return { head, socket };
}
