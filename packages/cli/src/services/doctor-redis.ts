import { isInkwireError } from "@inkwire/core/protocol";
import type { RedisPrimary } from "@inkwire/core/redis";
import type { Finding } from "./doctor.js";

/** What every script of inkwire runs on. */
const NEEDED_REDIS = [6, 2] as const;
const PINGS = 20;
const START_TIMEOUT_MS = 2_000;
/** Each request asks it once or twice. */
const SLOW_MS = 5;

/** Looks at the Redis that servers would share. Never shows its password. */
export async function examineRedis(url: string): Promise<Finding[]> {
  const name = "redis";
  try {
    const { openRedis } = await import("@inkwire/core/redis");
    let primary: RedisPrimary | undefined;
    const redis = await openRedis(url, {
      startTimeoutMs: START_TIMEOUT_MS,
      onPrimary: (found) => (primary = found),
    });
    try {
      const info = parseInfo(await redis.info());
      return [
        checkVersion(info),
        checkRole(info, primary),
        checkPersistence(info),
        checkMemory(info),
        checkLatency(await pings(() => redis.ping())),
      ];
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const hint = isInkwireError(error) ? error.hint : undefined;
    return [{ name, state: "broken", detail, ...(hint !== undefined && { hint }) }];
  }
}

export type RedisInfo = Readonly<Record<string, string | undefined>>;

/** The answer of INFO: `name:value`, a line each. */
export function parseInfo(text: string): RedisInfo {
  return Object.fromEntries(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(":");
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)]] : [];
    }),
  );
}

export function checkVersion({ redis_version: version = "unknown" }: RedisInfo): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor, neededMinor] = NEEDED_REDIS;
  const fits = major > neededMajor || (major === neededMajor && minor >= neededMinor);
  const detail = `${version}, needed is ${NEEDED_REDIS.join(".")} or newer`;
  return fits
    ? { name: "redis", state: "ok", detail }
    : { name: "redis", state: "broken", detail, hint: "update Redis, or take Valkey 7.2 or newer" };
}

export function checkRole(
  { role = "master", connected_slaves: replicas }: RedisInfo,
  primary?: RedisPrimary,
): Finding {
  const name = "redis role";
  if (role !== "master") {
    const hint =
      "give the address of the primary, or redis+sentinel://host/name; a replica takes no writes";
    return { name, state: "broken", detail: role, hint };
  }
  if (primary === undefined || primary.by === "address")
    return { name, state: "ok", detail: "primary" };
  const { host, port, by, slot } = primary;
  const why = by === "cluster" ? `has slot ${slot} of the cluster` : "is what the sentinels say";
  const detail = `primary: ${host}:${port} ${why}, replicas: ${replicas ?? "unknown"}`;
  if (replicas !== "0") return { name, state: "ok", detail };
  const hint = "give it a replica: nothing takes its place when it dies";
  return { name, state: "warning", detail, hint };
}

export function checkPersistence(info: RedisInfo): Finding {
  const name = "redis disk";
  if (info["aof_last_write_status"] === "err" || info["rdb_last_bgsave_status"] === "err") {
    const hint = "it refuses writes then: look at its log and at its disk";
    return { name, state: "broken", detail: "it could not save", hint };
  }
  if (info["aof_enabled"] === "1") return { name, state: "ok", detail: "appendonly yes" };
  const hint = "set appendonly yes: without, books and the inbox are gone with it";
  return { name, state: "warning", detail: "it does not keep each write (appendonly no)", hint };
}

export function checkMemory(info: RedisInfo): Finding {
  const name = "redis memory";
  const used = info["used_memory_human"] ?? "unknown";
  const limit = info["maxmemory"] === "0" ? "no limit" : `of ${info["maxmemory_human"] ?? "?"}`;
  const policy = info["maxmemory_policy"] ?? "unknown";
  const detail = `${used}, ${limit}, ${policy}`;
  if (policy === "noeviction" || info["maxmemory"] === "0") return { name, state: "ok", detail };
  const hint = "set maxmemory-policy noeviction: any other deletes books when it is full";
  return { name, state: "broken", detail, hint };
}

export function checkLatency(sortedMs: readonly number[]): Finding {
  const name = "redis time";
  const middle = sortedMs[Math.floor(sortedMs.length / 2)] ?? 0;
  const detail = `${middle.toFixed(2)} ms a call, at most ${(sortedMs.at(-1) ?? 0).toFixed(2)} ms`;
  return middle <= SLOW_MS
    ? { name, state: "ok", detail }
    : { name, state: "warning", detail, hint: "it should stand in the network of the servers" };
}

async function pings(ping: () => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < PINGS; n += 1) {
    const startedAt = performance.now();
    await ping();
    took.push(performance.now() - startedAt);
  }
  return took.toSorted((a, b) => a - b);
}
