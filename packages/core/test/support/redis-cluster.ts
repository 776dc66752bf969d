import { Redis } from "ioredis";
import { startRedis, type RedisServer } from "./redis-server.js";
import { until } from "./until.js";

const SLOTS = 16_384;
const PRIMARIES = 3;

/** A real Redis Cluster of three primaries. */
export interface RedisCluster extends AsyncDisposable {
  readonly primaries: readonly RedisServer[];
  /** One for each primary, in the same order; none where they were not asked for. */
  readonly replicas: readonly RedisServer[];
  /** All of them as one URL. */
  readonly url: string;
  /** A connection to one of them, for as long as the cluster is there. */
  clientAt(server: RedisServer): Redis;
  slotOf(prefix: string): Promise<number>;
  /** Who has a slot, as a server that runs says. */
  ownerOf(slot: number): Promise<RedisServer>;
  /** Moves a slot while it is in use, as `redis-cli --cluster reshard` does: key by key. */
  move(slot: number, to: RedisServer, betweenKeys?: () => Promise<void>): Promise<void>;
  /** Waits until the replica of this primary has all that was written. */
  copied(primary: RedisServer): Promise<void>;
}

export interface RedisClusterOptions {
  /** Whether each primary has one. @default false */
  readonly hasReplicas?: boolean | undefined;
  /** What each server wants to let anybody in. @default nothing */
  readonly password?: string | undefined;
  /** How long a server may be silent before the others replace it, in milliseconds. @default 1_000 */
  readonly nodeTimeoutMs?: number | undefined;
}

export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { hasReplicas = false, password, nodeTimeoutMs = 1_000 } = options;
  const args = [
    "--cluster-node-timeout",
    String(nodeTimeoutMs),
    "--cluster-replica-validity-factor",
    "0",
    "--repl-diskless-sync-delay",
    "0",
    ...(password === undefined ? [] : ["--requirepass", password, "--masterauth", password]),
  ];
  const servers = await Promise.all(
    Array.from({ length: hasReplicas ? 2 * PRIMARIES : PRIMARIES }, () =>
      startRedis({ isCluster: true, slots: null, args }),
    ),
  );
  const clients = new Map(servers.map((server) => [server, clientOf(server, password)] as const));
  const clientAt = (server: RedisServer) => clients.get(server) as Redis;
  const idOf = (server: RedisServer) => clientAt(server).cluster("MYID");
  const primaries = servers.slice(0, PRIMARIES);
  const replicas = servers.slice(PRIMARIES);
  const first = primaries[0] as RedisServer;

  for (const [at, server] of servers.entries()) {
    await clientAt(server).call("CLUSTER", "SET-CONFIG-EPOCH", at + 1);
    if (server !== first)
      await clientAt(first).cluster("MEET", "127.0.0.1", server.port, server.busPort);
  }
  for (const [at, server] of primaries.entries()) {
    const [from, to] = [at, at + 1].map((n) => Math.ceil((n * SLOTS) / PRIMARIES)) as [
      number,
      number,
    ];
    await clientAt(server).cluster("ADDSLOTSRANGE", from, to - 1);
  }
  const knows = async (server: RedisServer, ...said: string[]) => {
    const info = await clientAt(server).cluster("INFO");
    return said.every((line) => info.includes(`${line}\r\n`));
  };
  const all = `cluster_known_nodes:${servers.length}`;
  for (const server of servers) await until(() => knows(server, all));
  for (const [at, server] of replicas.entries())
    await clientAt(server).cluster("REPLICATE", await idOf(primaries[at] as RedisServer));
  for (const server of servers) await until(() => knows(server, "cluster_state:ok"));
  for (const server of replicas) {
    const replication = () => clientAt(server).info("replication");
    await until(async () => (await replication()).includes("master_link_status:up"));
  }

  const credentials = password === undefined ? "" : `:${password}@`;
  const auth = password === undefined ? [] : ["AUTH", password];
  const cluster: RedisCluster = {
    primaries,
    replicas,
    url: `redis://${credentials}${servers.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    clientAt,
    slotOf: (prefix) => clientAt(first).cluster("KEYSLOT", `{${prefix}}`),
    async ownerOf(slot) {
      const living = [...clients].find(([, client]) => client.status === "ready")?.[1];
      const ranges = (await living?.cluster("SLOTS")) as unknown as readonly [
        from: number,
        to: number,
        primary: readonly [host: string, port: number],
      ][];
      const port = ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
      return servers.find((server) => server.port === port) as RedisServer;
    },
    async move(slot, to, betweenKeys = async () => {}) {
      const from = await cluster.ownerOf(slot);
      const [source, target] = [clientAt(from), clientAt(to)];
      await target.cluster("SETSLOT", slot, "IMPORTING", await idOf(from));
      await source.cluster("SETSLOT", slot, "MIGRATING", await idOf(to));
      for (;;) {
        const [key] = await source.cluster("GETKEYSINSLOT", slot, 1);
        if (key === undefined) break;
        await source.call("MIGRATE", "127.0.0.1", to.port, key, 0, 5_000, ...auth);
        await betweenKeys();
      }
      for (const client of [target, source])
        await client.cluster("SETSLOT", slot, "NODE", await idOf(to));
    },
    copied: (primary) => isCopied(clientAt(primary)),
    async [Symbol.asyncDispose]() {
      for (const client of clients.values()) client.disconnect();
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
  return cluster;
}

/** Waits until the replica of this primary has all that was written until now. */
export async function isCopied(primary: Redis): Promise<void> {
  const offsets = async () => {
    const info = await primary.info("replication");
    const offset = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? -1);
    return { own: offset(/master_repl_offset:(\d+)/), copied: offset(/slave0:.*offset=(\d+)/) };
  };
  const { own } = await offsets();
  await until(async () => (await offsets()).copied >= own);
}

function clientOf({ url }: RedisServer, password: string | undefined): Redis {
  const options = { retryStrategy: () => 100, ...(password !== undefined && { password }) };
  return new Redis(url, options).on("error", () => {});
}
