import { Redis } from "ioredis";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import { isUnreachable } from "./redis-errors.js";
import type { RedisAddress, RedisTarget } from "./url.js";

/** The server that a client was led to. */
export interface RedisPrimary extends RedisAddress {
  /** What it was found by. */
  readonly by: "address" | "cluster" | "sentinel";
  /** In a cluster, the slot that all keys of the prefix lie in. */
  readonly slot?: number | undefined;
}

/** How long one server or sentinel may take to say where the primary is, in milliseconds. */
const LOOKUP_MS = 1_000;

/** What a server says of itself when a connection is new, by INFO; empty where that may not be asked. */
export interface ServerInfo {
  readonly role?: string | undefined;
  readonly cluster_enabled?: string | undefined;
}

export interface PrimaryFinderOptions {
  readonly target: RedisTarget;
  /** What the keys begin with, such as `{inkwire}`: a hash tag, so that one primary of a cluster has them all. */
  readonly tag: string;
}

/**
 * Knows where the primary is now: the one whose address was given, the one that has our slot of a cluster, or the one that
 * sentinels watch. Whoever connects asks it each time anew, as after a failover or a move of the slot it is another one.
 *
 * That an address is one of a cluster shows when a connection there is new, so that it need not be said in the URL.
 */
export class PrimaryFinder {
  readonly #target: RedisTarget;
  readonly #tag: string;
  #by: RedisPrimary["by"];
  /** Servers of the cluster that were heard of, beside those of the URL. */
  #heardOf: readonly RedisAddress[] = [];
  #slot: number | undefined;
  #turn = 0;
  #finding: Promise<RedisPrimary> | undefined;

  constructor({ target, tag }: PrimaryFinderOptions) {
    this.#target = target;
    this.#tag = tag;
    const isOne = target.addresses.length === 1;
    this.#by = target.sentinel !== undefined ? "sentinel" : isOne ? "address" : "cluster";
  }

  /** @throws InkwireError `storage_failed` when nobody can tell now, `invalid_option` when the URL does not fit what is there. */
  find(): Promise<RedisPrimary> {
    this.#finding ??= this.#find().finally(() => (this.#finding = undefined));
    return this.#finding;
  }

  /** Whether to stay on a connection to a server that says this of itself. */
  accepts({ role, cluster_enabled: cluster }: ServerInfo): boolean {
    if (this.#by === "address" && cluster !== "1") return true;
    const isFound = this.#by !== "address";
    this.#isCluster();
    return isFound && (role === undefined || role === "master");
  }

  /** An answer has shown it. `false` where the slot that it names is not ours: no other server would take what was asked. */
  isMoved(slot: number): boolean {
    this.#isCluster();
    return this.#slot === undefined || this.#slot === slot;
  }

  #isCluster(): void {
    if (this.#by === "address") this.#by = "cluster";
  }

  async #find(): Promise<RedisPrimary> {
    const { addresses, db } = this.#target;
    if (this.#by === "address") return { ...(addresses[0] as RedisAddress), by: "address" };
    if (this.#by === "cluster" && db !== 0) throw otherDatabase(db);
    const all = [...addresses, ...this.#heardOf.filter((one) => !addresses.some(isSame(one)))];
    let last: unknown;
    // Another one first each time: whom was asked last may be cut off from the others, and not know better.
    for (const [at] of all.entries()) {
      const from = all[(this.#turn + at) % all.length] as RedisAddress;
      try {
        const found = await (this.#by === "cluster"
          ? this.#askServer(from)
          : this.#askSentinel(from));
        this.#turn += at + 1;
        return found;
      } catch (error) {
        if (isNoCluster(error)) throw severalAddresses(this.#target);
        // Of several reasons, that one is not there says the least.
        if (last === undefined || !isUnreachable(error)) last = error;
      }
    }
    if (isInkwireError(last)) throw last;
    throw nobodyAnswers(this.#by, last);
  }

  async #askServer(from: RedisAddress): Promise<RedisPrimary> {
    const { username, password, isTls } = this.#target;
    const [slot, ranges] = await asking({ ...from, username, password }, isTls, (redis) =>
      Promise.all([redis.cluster("KEYSLOT", this.#tag), redis.cluster("SLOTS")]),
    );
    this.#slot = slot;
    const servers = (ranges as SlotRange[]).map(([start, end, ...nodes]) => ({
      isOurs: start <= slot && slot <= end,
      addresses: nodes.map((node) => addressIn(node, from)),
    }));
    const primary = servers.find(({ isOurs }) => isOurs)?.addresses[0];
    if (primary === undefined) throw slotOfNobody(slot);
    this.#heardOf = servers.flatMap(({ addresses }) => addresses);
    return { ...primary, by: "cluster", slot };
  }

  async #askSentinel(from: RedisAddress): Promise<RedisPrimary> {
    const { isTls, sentinel } = this.#target;
    const { name = "", username, password } = sentinel ?? {};
    const answer = await asking({ ...from, username, password }, isTls, (redis) =>
      redis.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name),
    );
    if (!Array.isArray(answer)) throw unknownName(name);
    const [host, port] = answer as [string, string];
    return { host, port: Number(port), by: "sentinel" };
  }
}

export const isSame =
  (one: RedisAddress) =>
  (other: RedisAddress): boolean =>
    one.host === other.host && one.port === other.port;

/** An answer of CLUSTER SLOTS: first and last slot, then who has them, the primary first. */
type SlotRange = [start: number, end: number, ...nodes: SlotNode[]];
type SlotNode = [host: string | null, port: number, id: string, more?: unknown[]];

/** A server that does not know its own address is where it was asked; one that has no name says where it is beside it. */
function addressIn([host, port, , more = []]: SlotNode, asked: RedisAddress): RedisAddress {
  if (host === null || host === "") return { host: asked.host, port };
  const ip = more[more.indexOf("ip") + 1];
  return { host: host === "?" && typeof ip === "string" ? ip : host, port };
}

interface Door extends RedisAddress {
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** On a connection of its own, which is gone afterwards. */
async function asking<T>(
  door: Door,
  isTls: boolean,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const { host, port, username, password } = door;
  const redis = new Redis({
    host,
    port,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: {} }),
    protocol: 2,
    lazyConnect: true,
    disableClientInfo: true,
    enableReadyCheck: false,
    retryStrategy: null,
    connectTimeout: LOOKUP_MS,
    commandTimeout: LOOKUP_MS,
  });
  let problem: unknown;
  redis.on("error", (error: unknown) => (problem ??= error));
  try {
    await redis.connect();
    return await ask(redis);
  } catch (error) {
    // What broke the connection says more than that it is closed.
    throw problem ?? error;
  } finally {
    redis.disconnect();
  }
}

function nobodyAnswers(by: RedisPrimary["by"], cause: unknown): InkwireError {
  const who = by === "sentinel" ? "sentinels" : "servers of the cluster";
  return new InkwireError("storage_failed", `None of the ${who} says where the primary is.`, {
    retryable: true,
    cause,
    hint: /NOAUTH|WRONGPASS|NOPERM/.test(String(cause)) ? doorHint(by) : undefined,
  });
}

function doorHint(by: RedisPrimary["by"]): string {
  return by === "sentinel"
    ? "The sentinels do not let us in: add ?sentinel_password=… (and sentinel_username) to the URL."
    : "It does not let us in: check the user and the password in the URL; it may have to ask CLUSTER SLOTS and CLUSTER KEYSLOT.";
}

function unknownName(name: string): InkwireError {
  return new InkwireError(
    "storage_failed",
    `The sentinels know no primary named ${JSON.stringify(name)}.`,
    {
      retryable: true,
      hint: "Give the name that follows `sentinel monitor` in their configuration.",
    },
  );
}

function slotOfNobody(slot: number): InkwireError {
  return new InkwireError("storage_failed", `No server of the Redis Cluster has slot ${slot}.`, {
    retryable: true,
    hint: "Look at it with redis-cli --cluster check.",
  });
}

function severalAddresses({ shown }: RedisTarget): InkwireError {
  return new InkwireError(
    "invalid_option",
    `Expected servers of a Redis Cluster at ${shown}, found one that is none.`,
    {
      hint: "Give the address of the primary alone, or those of its sentinels: redis+sentinel://host1,host2/name",
    },
  );
}

function otherDatabase(db: number): InkwireError {
  return new InkwireError(
    "invalid_option",
    `Expected database 0, as a Redis Cluster has no other, got ${db}.`,
    { hint: "Leave it out of the URL; a prefix keeps services apart." },
  );
}

function isNoCluster(error: unknown): boolean {
  return error instanceof Error && error.message.includes("cluster support disabled");
}
