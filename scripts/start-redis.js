// A real Redis for scripts and benches, of its own folder and on a free port of the loopback.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Started with AOF, and empty; `undefined` where redis-server is not installed. */
export async function startRedis() {
  const directory = mkdtempSync(join(tmpdir(), "inkwire-redis-"));
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory];
  const child = spawn("redis-server", [...options, "--save", "", "--appendonly", "yes"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const isThere = await new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.stdout.on("data", (text) => String(text).includes("Ready to accept") && resolve(true));
  });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  };
  if (!isThere) return undefined;
  return { url: `redis://127.0.0.1:${port}`, stop };
}
