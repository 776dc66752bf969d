import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.js";
import { tempDirectory } from "./temp-directory.js";

/** Whether this machine has a Redis to start. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) console.warn("SKIPPED: tests that need redis-server, which is not installed here.");

/** A real Redis on a port of its own. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where servers of a cluster talk to it. */
  readonly busPort: number;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
  /** Ends it without a chance to do anything. */
  kill(): Promise<void>;
  /** Ends it as a crash would, and starts it again on the same port with what it kept. */
  restart(): Promise<void>;
}

export interface RedisServerOptions {
  /** Whether it writes what it has to disk at once. @default false */
  readonly appendOnly?: boolean | undefined;
  readonly args?: readonly string[] | undefined;
  /** Whether it is a Redis Cluster of one, which refuses commands and scripts whose keys lie in several slots. @default false */
  readonly isCluster?: boolean | undefined;
  /** `null` for a server of a cluster that gets its slots later. @default all */
  readonly slots?: null | undefined;
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = tempDirectory();
  const port = await freePort();
  // By default it is the port and 10,000, which may be beyond the last.
  const busPort = await freePort();
  let server = await start();

  async function start(): Promise<ChildProcess> {
    const child = spawn(
      "redis-server",
      [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        directory.path,
        "--save",
        "",
        ...(options.appendOnly === true ? ["--appendonly", "yes", "--appendfsync", "always"] : []),
        ...(options.isCluster === true
          ? ["--cluster-enabled", "yes", "--cluster-port", String(busPort)]
          : []),
        ...(options.args ?? []),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const text of child.stdout) {
      if (String(text).includes("Ready to accept connections")) break;
    }
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
    child.stdout?.resume();
    if (options.isCluster === true && options.slots !== null) await takeAllSlots();
    return child;
  }
  /** A cluster takes no command before all slots are somebody's, and two seconds have gone since its start. */
  async function takeAllSlots(): Promise<void> {
    const ask = (...command: string[]) =>
      spawnSync("redis-cli", ["-p", String(port), "cluster", ...command], { encoding: "utf8" });
    ask("addslotsrange", "0", "16383");
    while (!ask("info").stdout.includes("cluster_state:ok")) await sleep(100);
  }
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    // It may stand still for a test; a signal would wait.
    server.kill("SIGCONT");
    server.kill(signal);
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    busPort,
    get pid() {
      return server.pid ?? 0;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGKILL");
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      directory[Symbol.dispose]();
    },
  };
}
