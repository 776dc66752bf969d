import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import {
  checkLatency,
  checkMemory,
  checkPersistence,
  checkRole,
  checkVersion,
  examineRedis,
  parseInfo,
} from "../../src/services/doctor-redis.js";
import { isHealthy } from "../../src/services/doctor.js";
import { startRedis } from "../../../core/test/support/redis-server.js";

const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

it("says what is wrong with a Redis, and what to do", () => {
  const state = (finding: { readonly state: string }) => finding.state;
  expect(
    ["6.0.16", "6.2.0", "7.0.15", "8.4.1", undefined].map((version) =>
      state(checkVersion({ redis_version: version })),
    ),
  ).toEqual(["broken", "ok", "ok", "ok", "broken"]);
  expect(state(checkRole({ role: "slave" }))).toBe("broken");
  expect(state(checkRole({ role: "master" }))).toBe("ok");
  const primary = { host: "10.0.0.7", port: 7002, by: "cluster", slot: 14_036 } as const;
  expect(checkRole({ role: "master", connected_slaves: "1" }, primary)).toEqual({
    name: "redis role",
    state: "ok",
    detail: "primary: 10.0.0.7:7002 has slot 14036 of the cluster, replicas: 1",
  });
  expect(
    state(checkRole({ role: "master", connected_slaves: "0" }, { ...primary, by: "sentinel" })),
  ).toBe("warning");
  expect(state(checkPersistence({ aof_enabled: "1" }))).toBe("ok");
  expect(state(checkPersistence({ aof_enabled: "0" }))).toBe("warning");
  expect(state(checkPersistence({ aof_enabled: "1", aof_last_write_status: "err" }))).toBe(
    "broken",
  );
  expect(state(checkMemory({ maxmemory: "0", maxmemory_policy: "noeviction" }))).toBe("ok");
  expect(state(checkMemory({ maxmemory: "1000", maxmemory_policy: "allkeys-lru" }))).toBe("broken");
  expect(state(checkLatency([0.1, 0.2, 900]))).toBe("ok");
  expect(state(checkLatency([9, 9, 9]))).toBe("warning");
  expect(parseInfo("# Server\r\nredis_version:7.0.15\r\n\r\nexecutable:/a:b\r\n")).toEqual({
    redis_version: "7.0.15",
    executable: "/a:b",
  });
});

describe.skipIf(!hasRedis)("a real Redis", () => {
  it("is examined, and its password is shown nowhere", async () => {
    await using server = await startRedis({
      appendOnly: true,
      args: ["--requirepass", "hunter-2"],
    });
    const url = (password: string) => server.url.replace("redis://", `redis://:${password}@`);
    const findings = await examineRedis(url("hunter-2"));
    expect(isHealthy(findings)).toBe(true);
    expect(findings.map(({ name }) => name)).toEqual([
      "redis",
      "redis role",
      "redis disk",
      "redis memory",
      "redis time",
    ]);
    const refused = await examineRedis(url("wrong-3"));
    expect(isHealthy(refused)).toBe(false);
    expect(JSON.stringify([findings, refused])).not.toMatch(/hunter-2|wrong-3/);
    expect(refused[0]?.hint).toContain("password");
  });

  it("in cluster mode is named by the slot that it has", async () => {
    await using server = await startRedis({ isCluster: true });
    const role = (await examineRedis(server.url)).find(({ name }) => name === "redis role");
    expect(role?.detail).toContain(`127.0.0.1:${server.port} has slot 14036 of the cluster`);
  });

  it("that is not there is broken", async () => {
    expect((await examineRedis("redis://127.0.0.1:1"))[0]).toMatchObject({ state: "broken" });
    expect((await examineRedis("http://secret@x"))[0]?.detail).not.toContain("secret");
  });
});
