import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { openRedis, type RedisPrimary } from "../../src/redis/index.js";
import { hasRedis, startRedis } from "../support/redis-server.js";
import { startWatchedRedis } from "../support/redis-sentinels.js";

const PASSWORDS = { server: "hunter-2-of-servers", sentinel: "hunter-3-of-sentinels" };

describe.skipIf(!hasRedis)("a Redis that sentinels watch", () => {
  it("is found by them with both passwords, and followed when it is killed", async () => {
    await using watched = await startWatchedRedis({ passwords: PASSWORDS });
    const nobody = await startRedis();
    await nobody.kill();
    const url = (name: string, own = PASSWORDS.sentinel) =>
      `redis+sentinel://:${PASSWORDS.server}@127.0.0.1:${nobody.port},${watched.hosts}/${name}?sentinel_password=${own}`;
    const found: RedisPrimary[] = [];
    const onPrimary = (primary: RedisPrimary) => found.push(primary);
    const redis = await openRedis(url("mymaster"), { onPrimary });
    const listener = redis.duplicate().on("error", () => {});
    const heard: string[] = [];
    listener.on("message", (_, text: string) => heard.push(text));
    await listener.subscribe("words");
    await redis.set("kept", "yes");

    for (const [refused, hint] of [
      [url("another"), "sentinel monitor"],
      [url("mymaster", "wrong"), "sentinel_password"],
      [`redis+sentinel://127.0.0.1:${nobody.port}/mymaster`, "sentinels run"],
    ] as const) {
      const error = await openRedis(refused, { startTimeoutMs: 500 }).catch(
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({ code: "storage_failed", hint: expect.stringContaining(hint) });
      const told = isInkwireError(error) && `${error.stack} ${error.hint} ${String(error.cause)}`;
      expect(told).not.toMatch(/hunter/);
    }

    const [first, second] = watched.servers;
    await watched.copied(first);
    await first.kill();
    await expect
      .poll(() => redis.set("asked", "after").catch(String), { timeout: 30_000 })
      .toBe("OK");
    expect(await redis.get("kept")).toBe("yes");
    expect(found.map(({ port, by }) => [port, by])).toEqual([
      [first.port, "sentinel"],
      [second.port, "sentinel"],
    ]);
    await expect
      .poll(async () => {
        await redis.publish("words", "hello");
        return heard.length;
      })
      .toBeGreaterThan(0);
    listener.disconnect();
    redis.disconnect();
    await nobody[Symbol.asyncDispose]();
  });
});
