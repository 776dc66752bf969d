import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedis, type RedisPrimary } from "../../src/redis/index.js";
import { startRedisCluster, type RedisCluster } from "../support/redis-cluster.js";
import { hasRedis, startRedis } from "../support/redis-server.js";

describe.skipIf(!hasRedis)("a Redis Cluster of three primaries", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it("leads to the primary of the prefix, whichever server is asked, and when one of several is not there", async () => {
    const slot = await cluster.slotOf("books");
    const { port } = await cluster.ownerOf(slot);
    const nobody = await startRedis();
    await nobody.kill();
    for (const url of [
      ...cluster.primaries.map((server) => server.url),
      `${nobody.url},127.0.0.1:${cluster.primaries[1]?.port}`,
    ]) {
      const found: RedisPrimary[] = [];
      const onPrimary = (primary: RedisPrimary) => found.push(primary);
      const redis = await openRedis(url, { prefix: "books", onPrimary });
      const listener = redis.duplicate();
      expect(await redis.set("{books}:asked", url)).toBe("OK");
      expect(await listener.get("{books}:asked")).toBe(url);
      expect(found).toEqual([{ host: "127.0.0.1", port, by: "cluster", slot }]);
      listener.disconnect();
      redis.disconnect();
    }
    await nobody[Symbol.asyncDispose]();
  });

  it("is not mistaken for what it is not", async () => {
    const [one = ""] = cluster.primaries.map(({ url }) => url);
    await expect(openRedis(`${one}/2`)).rejects.toMatchObject({
      code: "invalid_option",
      message: expect.stringContaining("database 0"),
    });
    await using alone = await startRedis();
    await expect(openRedis(`${alone.url},localhost:${alone.port}`)).rejects.toMatchObject({
      code: "invalid_option",
      hint: expect.stringContaining("sentinel"),
    });
    // The keys of another prefix are elsewhere, which the error says.
    const redis = await openRedis(one);
    await expect(redis.get("{another-prefix-in-a-slot-of-another-server}")).rejects.toThrow(
      "MOVED",
    );
    redis.disconnect();
  });
});
