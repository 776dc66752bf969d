import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { startGatewayServer, type TransportKind } from "../../support/gateway-server.js";

// A server in a process of its own, so that its memory can be looked at. One command a line, one answer a line.
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const kind = process.argv[2] as TransportKind;
const server = await startGatewayServer(kind, {
  realClock: true,
  maxConnectionsPerUser: 100_000,
  history: { maxBytes: 4_194_304 },
  // The peers are bare sockets, which answer no ping, and a busy machine takes its time.
  heartbeatMs: 300_000,
  // Kept, what happened would be the leak.
  onEvent: () => {},
});

const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ address: server.address, port: server.port, token: await server.token("1") });

/** Nobody waits for one who does not read. */
async function publish(count: number, bytes: number): Promise<void> {
  const text = "x".repeat(bytes);
  for (let n = 0; n < count; n += 1) {
    await server.note("all", n, text);
    await setImmediate();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command, count, bytes] = line.split(" ");
  if (command === "publish") {
    await publish(Number(count), Number(bytes));
    say({});
    continue;
  }
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, rss } = process.memoryUsage();
  say({
    heapUsed,
    rss,
    peakRss: process.resourceUsage().maxRSS * 1024,
    stats: server.gateway.stats(),
  });
}
await server[Symbol.asyncDispose]();
