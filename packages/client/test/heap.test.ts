import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const here = fileURLToPath(new URL(".", import.meta.url));

it.concurrent.each(["sse", "websocket"])(
  "does not grow over 1,000 reconnects, over %s",
  async (transport) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--expose-gc",
      "--conditions=inkwire-src",
      "--disable-warning=ExperimentalWarning",
      "--import",
      `${here}support/register-sources.ts`,
      `${here}processes/reconnects.ts`,
      transport,
      "7",
      "250",
    ]);
    const { heap, connections } = JSON.parse(stdout) as { heap: number[]; connections: number };
    expect(connections).toBeGreaterThanOrEqual(1750);
    // The first three rounds warm everything up: code, sockets, what the runtime keeps of them.
    const growth = (heap.at(-1) ?? Number.NaN) - (heap[2] ?? Number.NaN);
    process.stdout.write(`${transport}: ${Math.round(growth / 1024)} KiB over 1,000 reconnects\n`);
    // A connection that is kept with its buffers and closures is over 2 KB: a leak of every fifth would show.
    expect(growth).toBeLessThan(500_000);
  },
  120_000,
);
