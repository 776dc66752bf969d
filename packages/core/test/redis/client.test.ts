import { spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import { openRedis } from "../../src/redis/index.js";
import { parseRedisUrl } from "../../src/redis/url.js";
import { freePort } from "../support/free-port.js";
import { hasRedis, startRedis } from "../support/redis-server.js";
import { tempDirectory } from "../support/temp-directory.js";
import { startTcpProxy } from "../support/tcp-proxy.js";

const SECRET = "hunter2secret";

function refusal(url: string): Promise<unknown> {
  return openRedis(url, { startTimeoutMs: 300 }).catch((error: unknown) => error);
}

/** All that a log could show of it. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = isInkwireError(error) ? error.hint : "";
  return `${error.message} ${hint} ${error.stack} ${told(error.cause ?? "")}`;
}

it.each([
  "",
  "127.0.0.1:6379",
  "http://127.0.0.1:6379",
  `redis-sentinel://:${SECRET}@a`,
  "redis://",
  `redis://:${SECRET}@127.0.0.1:6379/zero`,
  `redis://:${SECRET}@127.0.0.1:99999`,
  `redis://:${SECRET}@127.0.0.1,`,
  `redis://:${SECRET}@127.0.0.1/0/1`,
  `redis://:${SECRET}@127.0.0.1?${SECRET}=1`,
  `redis://:${SECRET}%@127.0.0.1`,
  `redis://pa/${SECRET}@127.0.0.1`,
  `redis+sentinel://:${SECRET}@127.0.0.1`,
  `redis+sentinel://:${SECRET}@127.0.0.1/name/zero`,
  `redis+sentinel://127.0.0.1/name?sentinel_pass=${SECRET}`,
])("refuses %j, and shows no password", async (url) => {
  const error = await refusal(url);
  expect(error).toMatchObject({ code: "invalid_option" });
  expect(told(error)).not.toContain(SECRET);
});

it.each([
  [
    "rediss://us%40er:p%2Fss:w@h/3",
    { isTls: true, username: "us@er", password: "p/ss:w", db: 3, shown: "h:6379" },
  ],
  ["redis://a:1,[::1],c", { db: 0, shown: "a:1, [::1]:6379, c:6379", sentinel: undefined }],
  [
    "redis+sentinel://:secret@a,b:2/my%20one/4?sentinel_password=other",
    {
      password: "secret",
      db: 4,
      shown: "a:26379, b:2",
      sentinel: { name: "my one", username: undefined, password: "other" },
    },
  ],
  ["redis-sentinel://a/4#mine", { db: 4, sentinel: { name: "mine" } }],
  ["rediss+sentinel://a/mine", { isTls: true, db: 0, sentinel: { name: "mine" } }],
])("reads %s", (url, expected) => {
  expect(parseRedisUrl(url)).toMatchObject(expected);
});

it("gives up on a Redis that is not there, and says where it looked", async () => {
  const nobody = createServer().listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const { port } = nobody.address() as { port: number };
  nobody.close();
  await once(nobody, "close");
  const error = await refusal(`redis://:${SECRET}@127.0.0.1:${port}`);
  expect(error).toMatchObject({ code: "storage_failed", retryable: true });
  expect((error as Error).message).toContain(`127.0.0.1:${port}`);
  expect(told(error)).not.toContain(SECRET);
});

describe.skipIf(!hasRedis)("a Redis with a password", () => {
  it("lets in who has it, and names the reason to who has not", async () => {
    await using server = await startRedis({ args: ["--requirepass", SECRET] });
    const error = await refusal(server.url.replace("//", "//:wrong@"));
    expect(error).toMatchObject({ code: "storage_failed" });
    expect((error as { hint?: string }).hint).toContain("password");
    const redis = await openRedis(server.url.replace("//", `//:${SECRET}@`));
    expect(await redis.ping()).toBe("PONG");
    redis.disconnect();
  });

  it("answers again by itself after a restart, and refuses within bounds until then", async () => {
    await using server = await startRedis();
    const problems: unknown[] = [];
    const redis = await openRedis(server.url, { onProblem: (problem) => problems.push(problem) });
    await server.kill();
    await expect(redis.ping()).rejects.toMatchObject({ name: "MaxRetriesPerRequestError" });
    await server.restart();
    await expect.poll(() => redis.ping().catch(() => "away")).toBe("PONG");
    expect(problems.length).toBeGreaterThan(0);
    redis.disconnect();
  });

  it("gives up what has no answer in time, and does not do it later", async () => {
    await using server = await startRedis();
    await using proxy = await startTcpProxy(server.port);
    const redis = await openRedis(`redis://127.0.0.1:${proxy.port}`);
    expect(redis.options.commandTimeout).toBe(5_000);
    redis.options.commandTimeout = 100;
    proxy.hold();
    await expect(redis.get("held")).rejects.toThrow("timed out");
    proxy.sever();
    await expect(redis.incr("asked in vain")).rejects.toThrow("timed out");
    proxy.mend();
    redis.options.commandTimeout = 10_000;
    expect(await redis.incr("asked later")).toBe(1);
    expect(await redis.exists("asked in vain")).toBe(0);
    redis.disconnect();
  });
});

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) console.warn("SKIPPED: openssl is not installed");

it.skipIf(!hasRedis || !hasOpenssl)(
  "names what a certificate lacks that nobody vouches for",
  async () => {
    using directory = tempDirectory();
    const [key, certificate] = [`${directory.path}/key`, `${directory.path}/certificate`];
    const form =
      "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost";
    spawnSync("openssl", ["req", ...form.split(" "), "-keyout", key, "-out", certificate]);
    const port = await freePort();
    const files = ["--tls-cert-file", certificate, "--tls-key-file", key];
    const args = ["--tls-port", String(port), "--tls-auth-clients", "no", ...files];
    await using _server = await startRedis({ args });
    for (const url of [
      `rediss://:${SECRET}@localhost:${port}`,
      `rediss://localhost:${port},[::1]:1`,
    ]) {
      const error = await openRedis(url, { startTimeoutMs: 2_000 }).catch(
        (cause: unknown) => cause,
      );
      expect(error).toMatchObject({ hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") });
      expect(told(error)).not.toContain(SECRET);
    }
  },
);
