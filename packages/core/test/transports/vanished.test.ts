import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { TcpTable } from "../../src/transports/tcp-table.js";
import { startGatewayServer } from "../support/gateway-server.js";
import { createSweepClock } from "../support/sweep-clock.js";
import { startSourceIn } from "../support/source-process.js";

/** Own network, own rights, and nothing of the machine's. */
const ownNetwork = ["unshare", "--user", "--map-root-user", "--net"] as const;
const hasNetwork =
  spawnSync(ownNetwork[0], [...ownNetwork.slice(1), "ip", "link", "set", "lo", "up"]).status === 0;
if (!hasNetwork)
  console.warn("skipped: no network namespace can be made here (unshare, ip of iproute2)");

describe("a peer of SSE that vanishes without a word, its network with it", () => {
  const heartbeatMs = 2_000;
  const run = async (mode: string): Promise<string> => {
    await using process = startSourceIn(
      ownNetwork,
      "processes/vanishing-peer.ts",
      import.meta.url,
      [`${heartbeatMs}`, mode],
    );
    return (await process.line()) ?? "";
  };

  it.skipIf(!hasNetwork)("is found within two heartbeats", { timeout: 60_000 }, async () => {
    const [reason, ms] = (await run("watch")).split(" ");
    expect(reason).toBe("silent");
    // A busy machine is late; three would be what the process waits at most.
    expect(Number(ms)).toBeLessThan(2.5 * heartbeatMs);
  });

  it.skipIf(!hasNetwork)(
    "is not found by TCP itself in that time: the test above shows something",
    { timeout: 60_000 },
    async () => {
      expect(await run("leave")).toBe("1 still there");
    },
  );
});

describe("what peers acknowledge", () => {
  const quarter = 3_750;
  const open = async (unacknowledged: () => number | undefined | "fails") => {
    let looks = 0;
    const server = await startGatewayServer("sse-node", {
      async tcpTable(): Promise<TcpTable | undefined> {
        looks += 1;
        const bytes = unacknowledged();
        if (bytes === "fails") throw new Error("no such file");
        return bytes === undefined ? undefined : { unacknowledgedBytes: () => bytes };
      },
    });
    return { server, looks: () => looks };
  };

  it("is looked for only where something was sent", async () => {
    const { server, looks } = await open(() => 0);
    await using _server = server;
    await using _client = await server.connect("1");
    await server.clock.advance(quarter);
    expect(looks()).toBe(1);
    await server.clock.advance(2 * quarter);
    expect(looks()).toBe(1);
    await server.note("user/1", 1);
    await server.clock.advance(quarter);
    expect(looks()).toBe(2);
  });

  it("ends those who were sent something and acknowledge nothing of it, and no others", async () => {
    let bytes = 0;
    const { server } = await open(() => bytes);
    await using _server = server;
    await using _client = await server.connect("1");
    await server.clock.advance(quarter);
    await server.note("user/1", 1);
    await sleep(20);
    bytes = 100_000;
    await server.clock.advance(3 * quarter);
    expect(server.gateway.connections.counts.total).toBe(1);
    await server.clock.advance(quarter);
    expect(server.gateway.connections.counts.total).toBe(0);
    expect(server.gateway.stats().silent).toBe(1);
  });

  it("leaves those alone who are slow, and take a little from look to look", async () => {
    let bytes = 5_000;
    const { server } = await open(() => (bytes -= 50));
    await using _server = server;
    await using client = await server.connect("1");
    await server.note("user/1", 1, "x".repeat(10_000));
    await client.next("note");
    await server.clock.advance(40 * quarter);
    expect(server.gateway.connections.counts.total).toBe(1);
  });

  it("is looked for seldom where looking takes long, as the table is of a large machine", async () => {
    let looks = 0;
    let tookMs = 0;
    const clock = createSweepClock();
    await using server = await startGatewayServer("sse-node", {
      now: () => clock.now() + tookMs,
      every: clock.every,
      async tcpTable() {
        looks += 1;
        tookMs += 1_000;
        return { unacknowledgedBytes: () => 1 };
      },
    });
    const token = await server.token("1", { ttlMs: 86_400_000 });
    await using _client = await server.connect("1", { token });
    for (let second = 0; second < 100; second += 1) await clock.advance(1_000);
    expect(looks).toBeGreaterThan(2);
    expect(looks).toBeLessThan(8);
  });

  it.each([["fails" as const], [undefined]])(
    "is not asked for again where the system does not tell it: %s",
    async (answer) => {
      const { server, looks } = await open(() => answer);
      await using _server = server;
      await using _client = await server.connect("1");
      await server.clock.advance(40 * quarter);
      expect(looks()).toBe(1);
      expect(server.gateway.connections.counts.total).toBe(1);
    },
  );
});
