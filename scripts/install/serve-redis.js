// What `check-install.js` does with the installed command: serves on a real Redis, where there is one to start.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

const PATIENCE_MS = 60_000;

/**
 * Serves until it answers that it reaches its Redis, then ends in good order.
 *
 * @param {string} folder - that of the project.
 * @param {string} node
 * @param {string} command - what was installed, a file of JavaScript.
 */
export async function serveOnRedis(folder, node, command) {
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
  const redis = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  if (redis.pid === undefined) {
    await once(redis, "error");
    process.stderr.write("SKIPPED: serve --redis of the installed command, without redis-server\n");
    return;
  }
  await lineOf(redis, "Ready to accept connections");
  const home = ["--home", `${folder}/home`];
  const serve = [command, "serve", "--port", "0", "--redis", `redis://127.0.0.1:${port}`, ...home];
  const server = spawn(node, serve, {
    cwd: folder,
    env: { ...process.env, INKWIRE_JWT_SECRET: "a secret of this check, which is long enough" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const url = await lineOf(server, "http");
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await answer.text();
    if (!answer.ok || !text.includes('"redis":"connected"'))
      throw new Error(`serve --redis answered ${answer.status} ${text.slice(0, 200)}`);
    server.kill("SIGTERM");
    const [code] = await once(server, "exit", { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (code !== 0) throw new Error(`serve --redis ended with ${code}`);
  } finally {
    server.kill("SIGKILL");
    redis.kill("SIGKILL");
  }
}

/** @param {import("node:child_process").ChildProcess} child @param {string} part */
async function lineOf(child, part) {
  const input = /** @type {import("node:stream").Readable} */ (child.stdout);
  for await (const line of createInterface({ input, signal: AbortSignal.timeout(PATIENCE_MS) })) {
    if (!line.includes(part)) continue;
    input.resume();
    return line;
  }
  throw new Error(`${child.spawnfile} said nothing of ${JSON.stringify(part)}`);
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, "close");
  return port;
}
