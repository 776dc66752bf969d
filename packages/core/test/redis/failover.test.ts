import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { openRedis } from "../../src/redis/index.js";
import { hasRedis, startRedis, type RedisServer } from "../support/redis-server.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { openNode, topics, type TestNode } from "./support/nodes.js";

/** A primary and its replica, each behind a wire that can break, and the address that moves along with the primary. */
interface Pair extends AsyncDisposable {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  /** What the replica follows the primary by. */
  readonly copying: TcpProxy;
  /** What servers are told. */
  readonly address: TcpProxy;
  /** Waits until the replica has all that was written. */
  copied(): Promise<void>;
  /** As Sentinel or an operator would. */
  promote(): Promise<void>;
}

async function startPair(): Promise<Pair> {
  const primary = await startRedis({ args: ["--repl-diskless-sync-delay", "0"] });
  const copying = await startTcpProxy(primary.port);
  const follow = ["--replicaof", `127.0.0.1 ${copying.port}`];
  const replica = await startRedis({ args: [...follow, "--repl-timeout", "3600"] });
  const address = await startTcpProxy(primary.port);
  const [first, second] = [primary, replica].map(({ url }) => {
    const redis = new Redis(url, { retryStrategy: () => 50 });
    return redis.on("error", () => {});
  }) as [Redis, Redis];
  await expect
    .poll(() => second.info("replication"), { timeout: 30_000 })
    .toContain("master_link_status:up");
  return {
    primary,
    replica,
    copying,
    address,
    async copied() {
      // WAIT looks at the writes of its own connection only, and they come after those of all others until now.
      await first.set("copied", "all before this");
      await expect.poll(() => first.wait(1, 1_000)).toBe(1);
    },
    async promote() {
      await second.replicaof("NO", "ONE");
      address.retarget(replica.port);
    },
    async [Symbol.asyncDispose]() {
      first.disconnect();
      second.disconnect();
      for (const part of [address, copying, replica, primary]) await part[Symbol.asyncDispose]();
    },
  };
}

/** Publishes until it is taken, as an application would that is told to try again. */
async function insist(node: TestNode, n: unknown): Promise<string> {
  for (;;) {
    try {
      return (await node.publish("all", n)).id;
    } catch (error) {
      expect(error).toMatchObject({ retryable: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe.skipIf(!hasRedis)("a Redis that fails over to its replica", () => {
  it("goes on where it was when the replica has all, nothing lost or doubled", async () => {
    await using pair = await startPair();
    await using a = await openNode(pair.address.port);
    await using b = await openNode(pair.address.port);
    const { id } = await a.publish("all", 1);
    await b.publish("all", 2);
    await pair.copied();
    await pair.primary.kill();
    await pair.promote();
    await insist(a, 3);
    await insist(b, 4);
    for (const node of [a, b]) {
      await expect.poll(() => node.numbers()).toEqual([1, 2, 3, 4]);
      expect(node.breaks).toEqual([]);
      expect(await node.history.replay(topics("all"), id)).toMatchObject({ verdict: "recovered" });
    }
  });

  it("tells everybody to begin anew when the replica had less, and nobody is told what is gone", async () => {
    await using pair = await startPair();
    await using a = await openNode(pair.address.port);
    await using b = await openNode(pair.address.port);
    await a.publish("all", 1);
    await pair.copied();
    pair.copying.hold();
    const lost = await a.publish("all", "lost with the old primary");
    await expect.poll(() => b.numbers()).toEqual([1, "lost with the old primary"]);
    await pair.primary.kill();
    await pair.promote();
    await insist(b, 3);
    await expect.poll(() => a.numbers().at(-1)).toBe(3);
    for (const { history, breaks } of [a, b]) {
      expect(breaks).toEqual([undefined]);
      expect(await history.replay(topics("all"), lost.id)).toMatchObject({ verdict: "reset" });
    }
    // Who comes as a server later does not know it either.
    await using late = await openNode(pair.address.port);
    expect(late.history.head()).toBe(a.history.head());
    expect(late.history.epoch).not.toBe(lost.id.split(".")[0]);
  });

  it("is followed also when the old primary lives on as a replica, and keeps its connections", async () => {
    await using pair = await startPair();
    await using a = await openNode(pair.address.port);
    const redis = await openRedis(`redis://127.0.0.1:${pair.address.port}`);
    await a.publish("all", 1);
    await pair.copied();
    await pair.promote();
    const old = new Redis(pair.primary.url);
    await old.replicaof("127.0.0.1", pair.replica.port);
    // Refused by what is a replica now, and asked again at the new primary.
    expect(await redis.set("asked", "once more")).toBe("OK");
    await insist(a, 2);
    await using b = await openNode(pair.replica.port);
    await b.publish("all", 3);
    await expect.poll(() => a.numbers()).toEqual([1, 2, 3]);
    expect(a.breaks).toEqual([]);
    old.disconnect();
    redis.disconnect();
  });
});
