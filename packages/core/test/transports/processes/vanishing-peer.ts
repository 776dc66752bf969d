// Runs in a network namespace of its own: `<heartbeat in ms> <watch|leave>`. A peer connects; then the network goes away, so
// that no packet comes any more, no end either. Prints how the connection ended, or that it has not after three heartbeats.
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { startGatewayServer } from "../../support/gateway-server.js";

const [heartbeat = "", mode = ""] = process.argv.slice(2);
const heartbeatMs = Number(heartbeat);
const link = (state: "up" | "down") => execFileSync("ip", ["link", "set", "lo", state]);

link("up");
await using server = await startGatewayServer("sse-node", {
  realClock: true,
  heartbeatMs,
  ...(mode === "leave" ? { tcpTable: null } : {}),
});
await using good = await server.connect("1");
await good.next("wire.heartbeat");
link("down");
const startedAt = Date.now();
while (Date.now() - startedAt < 3 * heartbeatMs) {
  const closed = server.events.find(({ kind }) => kind === "closed");
  if (closed?.kind === "closed") {
    process.stdout.write(`${closed.reason} ${Date.now() - startedAt}\n`);
    process.exit(0);
  }
  await sleep(10);
}
process.stdout.write(`${server.gateway.connections.counts.total} still there\n`);
process.exit(0);
