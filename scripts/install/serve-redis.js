// What `check-install.js` does with the installed command: serves on a real Redis, where there is one to start.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { startRedis } from "../start-redis.js";

const PATIENCE_MS = 60_000;

/**
 * Serves until it answers that it reaches its Redis, then ends in good order.
 *
 * @param {string} folder - that of the project.
 * @param {string} node
 * @param {string} command - what was installed, a file of JavaScript.
 */
export async function serveOnRedis(folder, node, command) {
  const redis = await startRedis();
  if (redis === undefined) {
    process.stderr.write("SKIPPED: serve --redis of the installed command, without redis-server\n");
    return;
  }
  const home = ["--home", `${folder}/home`];
  const serve = [command, "serve", "--port", "0", "--redis", redis.url, ...home];
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
    redis.stop();
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
