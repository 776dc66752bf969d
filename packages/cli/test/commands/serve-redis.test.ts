import { beforeAll, describe, expect, it } from "vitest";
import { hasRedis, startRedis } from "../../../core/test/support/redis-server.js";
import { createSandbox, ensureBuilt } from "../support/cli.js";
import { callApi, serve, tokenOf } from "../support/served.js";

beforeAll(ensureBuilt, 120_000);

const PASSWORD = "hunter-2-of-redis";

describe.skipIf(!hasRedis)("inkwire serve --redis", () => {
  it("serves one set of books by two servers, drains at a signal, and shows the password nowhere", async () => {
    await using redis = await startRedis({ args: ["--requirepass", PASSWORD] });
    const url = redis.url.replace("redis://", `redis://:${PASSWORD}@`);
    using box = createSandbox();
    const [one, two] = await Promise.all([
      serve(box, ["--redis-prefix", "books"], { INKWIRE_REDIS_URL: url }),
      serve(box, ["--redis", url, "--redis-prefix", "books"]),
    ]);
    const token = await tokenOf(box, "--user", "1");
    const body = { title: "Ports", chapters: 2, author: "offline" };
    const made = await callApi<{ book_id: number }>(one.url, token, "POST /api/books", body);
    await expect
      .poll(() => callApi(two.url, token, `GET /api/books/${made.book_id}`))
      .toMatchObject({ status: "completed" });
    for (const { child, ended } of [one, two]) {
      child.kill("SIGTERM");
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(0);
      expect(stdout + stderr).not.toContain(PASSWORD);
    }
  });

  it("does not start without its Redis, and says what to look at without the password", async () => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run(["serve", "--port", "0"], {
      env: { INKWIRE_REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1` },
    });
    expect(code).not.toBe(0);
    expect(stderr).toContain("error: Could not connect to the Redis at 127.0.0.1:1.");
    expect(stderr).toContain("hint:");
    expect(stdout + stderr).not.toContain(PASSWORD);
  });
});
