import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Redis } from "ioredis";
import { freePort } from "./free-port.js";
import { isCopied } from "./redis-cluster.js";
import { startRedis, type RedisServer } from "./redis-server.js";
import { tempDirectory } from "./temp-directory.js";
import { until } from "./until.js";

/** A real primary and its replica, and real sentinels that watch them. */
export interface WatchedRedis extends AsyncDisposable {
  readonly servers: readonly [RedisServer, RedisServer];
  /** Where the sentinels are. */
  readonly hosts: string;
  /** Ends a sentinel. */
  killSentinel(at: number): Promise<void>;
  /** Which server the sentinels take for the primary now. */
  primary(): Promise<RedisServer>;
  /** Waits until the other one has all that was written to this one. */
  copied(primary: RedisServer): Promise<void>;
}

export interface WatchedRedisOptions {
  /** How many sentinels; more than half have to agree. @default 1 */
  readonly count?: number | undefined;
  /** What servers and sentinels want to let anybody in. @default nothing */
  readonly passwords?: { readonly server: string; readonly sentinel: string } | undefined;
}

const NAME = "mymaster";

export async function startWatchedRedis(options: WatchedRedisOptions = {}): Promise<WatchedRedis> {
  const { count = 1, passwords } = options;
  const auth = passwords && ["--requirepass", passwords.server, "--masterauth", passwords.server];
  const args = ["--repl-diskless-sync-delay", "0", ...(auth ?? [])];
  const first = await startRedis({ args });
  const second = await startRedis({ args: [...args, "--replicaof", `127.0.0.1 ${first.port}`] });
  const servers = [first, second] as const;
  const clientOf = (port: number, password: string | undefined) =>
    new Redis(port, "127.0.0.1", {
      retryStrategy: () => 100,
      ...(password !== undefined && { password }),
    }).on("error", () => {});
  const [client, replica] = servers.map(({ port }) => clientOf(port, passwords?.server)) as [
    Redis,
    Redis,
  ];
  await until(async () => (await replica.info("replication")).includes("master_link_status:up"));
  const sentinels = await Promise.all(
    Array.from({ length: count }, () =>
      startSentinel(first.port, Math.floor(count / 2) + 1, passwords),
    ),
  );
  const askers = sentinels.map(({ port }) => clientOf(port, passwords?.sentinel));
  for (const asker of askers) {
    const known = async () => {
      const [watched] = (await asker.call("SENTINEL", "MASTERS")) as string[][];
      const value = (name: string) => watched?.[watched.indexOf(name) + 1];
      return value("num-slaves") === "1" && value("num-other-sentinels") === String(count - 1);
    };
    await until(known);
  }
  return {
    servers,
    hosts: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(","),
    async killSentinel(at) {
      await sentinels[at]?.kill();
      askers[at]?.disconnect();
    },
    async primary() {
      const asker = askers.find(({ status }) => status === "ready") as Redis;
      const [, port] = (await asker.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME)) as string[];
      return Number(port) === second.port ? second : first;
    },
    copied: (primary) => isCopied(primary === first ? client : replica),
    async [Symbol.asyncDispose]() {
      for (const one of [client, replica, ...askers]) one.disconnect();
      for (const sentinel of sentinels) await sentinel.kill();
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

async function startSentinel(
  watched: number,
  quorum: number,
  passwords: WatchedRedisOptions["passwords"],
): Promise<{ readonly port: number; kill(): Promise<void> }> {
  const directory = tempDirectory();
  const port = await freePort();
  const config = `${directory.path}/sentinel.conf`;
  const lines = [
    `sentinel monitor ${NAME} 127.0.0.1 ${watched} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 5000`,
    ...(passwords === undefined
      ? []
      : [
          `sentinel auth-pass ${NAME} ${passwords.server}`,
          `requirepass ${passwords.sentinel}`,
          `sentinel sentinel-pass ${passwords.sentinel}`,
        ]),
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const where = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory.path];
  const child = spawn("redis-server", [config, "--sentinel", ...where], { stdio: "ignore" });
  return {
    port,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
      directory[Symbol.dispose]();
    },
  };
}
