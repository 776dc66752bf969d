import { expect, it } from "vitest";
import { createVirtualClock } from "../../src/testing/index.js";
import { createFakeLifecycle } from "../support/fake-lifecycle.js";
import { collect, publish, reaches, start, until } from "../support/harness.js";

/** A client in virtual time; its server beats only when a test says so. */
async function startInTime(transport: "sse" | "websocket" | "auto" = "sse") {
  const clock = createVirtualClock();
  const lifecycle = createFakeLifecycle();
  const run = await start({}, { clock, lifecycle, transport });
  run.client.connect();
  await reaches(run.client, "live");
  return {
    ...run,
    clock,
    lifecycle,
    beat: () => run.server.control("wire.heartbeat", { now: "" }),
  };
}
const heard = (): Promise<void> => new Promise((done) => setTimeout(done, 40));

it.each(["sse", "websocket"] as const)(
  "finds out that nothing comes any more, by the heartbeat that was announced, over %s",
  async (transport) => {
    await using run = await startInTime(transport);
    run.server.faults = { halfOpen: 1 };
    await run.clock.advance(37_000);
    expect(run.client.state.get().status).toBe("live");
    run.server.faults = {};
    await run.clock.advance(1_000);
    await run.clock.advance(1_000);
    await until(() => run.server.requests.length === 2);
    await reaches(run.client, "live");
  },
);

it("says why it waits, and waits as long as the server asked", async () => {
  await using run = await startInTime();
  const reasons: unknown[] = [];
  run.client.state.subscribe(({ status, error }) => {
    if (status === "waiting") reasons.push(error?.code);
  });
  run.server.refuse = () => ({ status: 503, headers: { "retry-after": "60" } });
  await run.clock.advance(39_000);
  await until(() => reasons.length === 2);
  expect(reasons).toEqual(["connection_silent", "server_failed"]);
  expect(run.client.state.get().retryAt).toBeGreaterThan(run.clock.now() + 55_000);
  run.lifecycle.fire("wake");
  expect(run.client.state.get().status).toBe("waiting");
  await run.clock.advance(50_000);
  expect(run.server.requests).toHaveLength(2);
});

it("counts any byte as life", async () => {
  await using run = await startInTime();
  for (let n = 0; n < 6; n += 1) {
    await run.clock.advance(30_000);
    run.beat();
    await heard();
  }
  expect(run.server.requests).toHaveLength(1);
});

it("does not take a sleep for silence when the network has something waiting", async () => {
  await using run = await startInTime();
  // While the machine slept the server went on; its bytes are read after the timers have run.
  const slept = run.clock.sleep(60_000);
  run.beat();
  await slept;
  await heard();
  await run.clock.advance(1_000);
  expect(run.server.requests).toHaveLength(1);
  expect(run.client.state.get().status).toBe("live");
});

it("reconnects half a second after a sleep from which the connection did not come back", async () => {
  await using run = await startInTime();
  run.server.faults = { halfOpen: 1 };
  run.beat();
  await heard();
  run.server.faults = {};
  await run.clock.sleep(600_000);
  await run.clock.advance(600);
  await run.clock.advance(100);
  await until(() => run.server.requests.length === 2);
});

it("is more patient in a page that nobody sees, and looks at once when somebody does", async () => {
  await using run = await startInTime();
  run.lifecycle.hidden = true;
  await run.clock.advance(40_000);
  expect(run.server.requests).toHaveLength(1);
  run.lifecycle.hidden = false;
  run.lifecycle.fire("wake");
  await run.clock.advance(600);
  await until(() => run.server.requests.length === 2);
  // Nobody had to wait for a backoff.
  expect(run.client.state.get().failures).toBe(0);
});

it("does nothing on a look at the page when the connection is well", async () => {
  await using run = await startInTime();
  await run.clock.advance(10_000);
  run.lifecycle.fire("wake");
  run.lifecycle.fire("restore");
  await run.clock.advance(2_000);
  expect(run.server.requests).toHaveLength(1);
});

it("tries at once when the network is back, however long the wait was to be", async () => {
  await using run = await startInTime();
  run.server.refuse = () => ({ status: 500 });
  run.lifecycle.online = false;
  run.lifecycle.fire("offline");
  expect(run.client.state.get()).toMatchObject({
    status: "offline",
    error: { code: "server_unreachable" },
  });
  for (let n = 0; n < 5; n += 1) await run.clock.advance(100);
  await heard();
  expect(run.client.state.get().status).toBe("offline");
  const before = run.server.requests.length;
  run.server.refuse = undefined;
  run.lifecycle.online = true;
  run.lifecycle.fire("wake");
  await until(() => run.server.requests.length > before);
  await reaches(run.client, "live");
});

it("closes for the back/forward cache, and is where it was when the page comes back", async () => {
  await using run = await startInTime();
  const numbers = collect(run.client);
  publish(run.server, 1, 1);
  await until(() => numbers.length === 1);
  run.lifecycle.fire("suspend");
  expect(run.client.state.get().status).toBe("idle");
  await until(() => run.server.connections === 0);
  publish(run.server, 2, 2);
  await run.clock.advance(600_000);
  expect(run.server.requests).toHaveLength(1);
  run.lifecycle.fire("restore");
  await until(() => numbers.length === 2);
  expect(numbers).toEqual([1, 2]);
});

it("does not open what was never opened, or was closed, when the page comes back", async () => {
  await using run = await startInTime();
  run.client.close();
  expect(run.lifecycle.listeners).toBe(0);
  run.lifecycle.fire("suspend");
  run.lifecycle.fire("restore");
  expect(run.client.state.get().status).toBe("closed");
  expect(run.clock.pending).toBe(0);
});

it("moves to the other transport when no hello comes in time, remembers that, and tries the first again later", async () => {
  const clock = createVirtualClock();
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  let isBuffered = true;
  await using run = await start(
    {},
    { clock, storage, transport: "auto", lifecycle: createFakeLifecycle() },
  );
  // A proxy that keeps the stream until it ends: the head of the answer comes, the hello does not.
  const real = run.server;
  run.server.refuse = ({ transport }) => {
    real.faults = { buffer: isBuffered && transport === "sse" };
    return undefined;
  };
  run.client.connect();
  await until(() => run.server.requests.length === 1);
  await heard();
  await clock.advance(8_100);
  await clock.advance(100);
  await reaches(run.client, "live");
  expect(run.client.state.get().transport).toBe("websocket");
  expect(run.server.requests.map(({ transport }) => transport)).toEqual(["sse", "websocket"]);
  run.client.close();

  await using reloaded = await start(
    {},
    { url: run.server.url, clock, storage, transport: "auto", lifecycle: createFakeLifecycle() },
  );
  reloaded.client.connect();
  await reaches(reloaded.client, "live");
  expect(run.server.requests.at(-1)?.transport).toBe("websocket");

  isBuffered = false;
  run.server.faults = {};
  for (let n = 0; n < 121; n += 1) {
    await clock.advance(15_000);
    run.server.control("wire.heartbeat", { now: "" });
    await new Promise((done) => setTimeout(done, 2));
  }
  run.server.cut();
  await until(() => reloaded.client.state.get().status !== "live");
  await clock.advance(50);
  await reaches(reloaded.client, "live");
  expect(reloaded.client.state.get().transport).toBe("sse");
});
