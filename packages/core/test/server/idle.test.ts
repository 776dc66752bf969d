import { createHook } from "node:async_hooks";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { openServerRoom } from "./support/server-room.js";

const CONNECTIONS = 200;

/** Who are alive: those that keep the process alive, and those that would not. */
class Timers implements Disposable {
  readonly #alive = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => type === "Timeout" && this.#alive.add(id),
    destroy: (id) => this.#alive.delete(id),
  }).enable();

  get count(): number {
    return this.#alive.size;
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
  }
}

it.each([
  ["SSE", "/events", []],
  [
    "a WebSocket",
    "/ws",
    [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
  ],
])("has no timer for each quiet connection over %s", async (_, path, headers) => {
  await using room = await openServerRoom({ connections: { maxConnectionsPerUser: CONNECTIONS } });
  const { url } = await room.inkwire.listen({ port: 0 });
  const token = await room.token("ada");
  const sockets: Socket[] = [];
  const open = async (): Promise<void> => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    sockets.push(socket);
    const lines = [`GET ${path} HTTP/1.1`, "Host: a", `Authorization: Bearer ${token}`, ...headers];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    await new Promise<void>((resolve) => {
      socket.on("data", (bytes) => bytes.includes("wire.hello") && resolve());
    });
  };
  const active = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  // What there is once for all may begin with the first.
  await open();
  using timers = new Timers();
  const probe = setTimeout(() => {}, 1_000_000).unref();
  expect(timers.count).toBeGreaterThan(0);
  clearTimeout(probe);
  const before = active();
  for (let n = 1; n < CONNECTIONS; n += 1) await open();
  expect(room.inkwire.connections.counts.total).toBe(CONNECTIONS);
  await expect.poll(() => timers.count).toBeLessThan(CONNECTIONS / 10);
  expect(active() - before).toBeLessThan(CONNECTIONS / 10);
  for (const socket of sockets) socket.destroy();
});
