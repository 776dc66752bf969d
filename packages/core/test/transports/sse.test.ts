import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { startGatewayServer } from "../support/gateway-server.js";

describe.each(["sse-node", "sse-web"] as const)("%s", (kind) => {
  it("sends its headers and the time to come back at once, and nothing else before the verdict", async () => {
    await using server = await startGatewayServer(kind, { random: () => 0.5 });
    const response = await fetch(server.address, {
      headers: { authorization: `Bearer ${await server.token("1")}` },
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("private, no-cache, no-store, no-transform");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    const reader = response.body!.getReader();
    let text = "";
    while (!text.includes("event:")) text += Buffer.from((await reader.read()).value!).toString();
    expect(text).toMatch(/^retry: 2000\n\nid: [^\n]+\nevent: wire\.hello\ndata: \{[^\n]+\}\n\n/);
    expect(text).not.toContain("\r");
    await reader.cancel();
  });

  it.each(["draining", "full"])("lets a native EventSource come back: %s", async (why) => {
    await using server = await startGatewayServer(kind, { maxConnections: 1 });
    const keeper = await server.connect("9");
    if (why === "draining") {
      const drained = server.gateway.drain();
      await server.clock.advance(20_000);
      await drained;
    }
    await using client = await server.connect("1", { tokenInUrl: true });
    const goodbye = await client.next("wire.goodbye");
    expect(goodbye.data).toMatchObject({ reason: "drain", reconnect: true });
    await client.ended;
    expect(client.retryMs).toBe(goodbye.data.reconnect_ms);
    expect(client.received).toHaveLength(1);
    // One that can read a status gets it.
    await expect(server.connect("1")).rejects.toMatchObject({ status: why === "full" ? 429 : 503 });
    await keeper[Symbol.asyncDispose]();
  });

  it("refuses a native EventSource for good where coming back would not help", async () => {
    await using server = await startGatewayServer(kind);
    await expect(server.connect("1", { tokenInUrl: true, token: "a.b.c" })).rejects.toMatchObject({
      status: 401,
    });
    const token = await server.token("1");
    await expect(
      server.connect("1", { tokenInUrl: true, token, topics: ["user/2"] }),
    ).rejects.toMatchObject({ status: 403 });
  });

  it("does not count ?token= where the operator switched it off", async () => {
    await using server = await startGatewayServer(kind, { queryToken: false });
    await expect(server.connect("1", { tokenInUrl: true })).rejects.toMatchObject({
      code: "token_missing",
    });
  });

  it("writes no header and no field that a cursor or a topic brought", async () => {
    await using server = await startGatewayServer(kind, { history: { epoch: "e" } });
    const before = server.bus.head();
    await server.note("user/1", 1);
    for (const cursor of [`${before}\nevent: forged`, `${before}\r\n\r\ndata: forged`, "\0"]) {
      await using client = await server.connect("1", { cursor, cursorInUrl: true });
      expect(client.received[0]).toMatchObject({ type: "wire.hello", data: { resume: "reset" } });
      expect(JSON.stringify(client.received)).not.toContain("forged");
    }
  });
});

describe("on Node's own response", () => {
  it("serves HTTP/1.0, which has no chunks, as the default of nginx speaks it", async () => {
    await using server = await startGatewayServer("sse-node");
    const token = await server.token("1");
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    socket.write(`GET /events HTTP/1.0\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await expect.poll(() => text).toContain("wire.hello");
    await server.note("user/1", 1);
    await expect.poll(() => text).toContain("event: note\n");
    const [head = "", body = ""] = text.split("\r\n\r\n");
    expect(head.toLowerCase()).not.toContain("chunked");
    expect(body).toMatch(/^retry: \d+\n\nid: /);
    expect(body).not.toContain("\r");
    socket.destroy();
    await expect.poll(() => server.gateway.connections.counts.total).toBe(0);
  });

  it("ends its chunks properly, so that the same socket serves the next request", async () => {
    await using server = await startGatewayServer("sse-node");
    const token = await server.token("1");
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    const ask = `GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    socket.write(ask);
    await expect.poll(() => text).toContain("wire.hello");
    server.gateway.connections.kick("1");
    await expect.poll(() => text).toMatch(/\r\n0\r\n\r\n$/);
    socket.write(ask);
    await expect.poll(() => text.match(/wire\.hello"/g)?.length).toBe(2);
    socket.destroy();
  });

  it("serves a second request that was sent before the first was over only after it", async () => {
    await using server = await startGatewayServer("sse-node");
    const token = await server.token("1");
    const socket = connect(server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => (text += data.toString()));
    const ask = `GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    socket.write(ask + ask);
    await expect.poll(() => text).toContain("wire.hello");
    await server.note("user/1", 1);
    await expect.poll(() => text).toContain("event: note");
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(server.gateway.connections.counts.total).toBe(1);
    socket.destroy();
  });
});
