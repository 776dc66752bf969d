import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { createTokenVerifier } from "@inkwire/core";
import { beforeAll, describe, expect, it } from "vitest";
import { createSandbox, ensureBuilt, type Sandbox } from "../support/cli.js";

beforeAll(ensureBuilt, 120_000);

const secretOf = (box: Sandbox) => readFileSync(join(box.home, "secret"), "utf8").trim();

describe("inkwire token", () => {
  it("prints a token that a verifier of the home's secret accepts", async () => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run(
      "token --user 42 --ttl 15m --scope admin --topic book/7 room/1".split(" "),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const verifier = createTokenVerifier({ secret: secretOf(box) });
    const identity = await verifier.verify(stdout.trim());
    expect(identity).toMatchObject({ userId: "42", topics: ["book/7", "room/1"] });
    expect([...identity.scopes]).toEqual(["admin"]);
    expect(identity.expiresAt).toBeLessThanOrEqual(Date.now() + 900_000);
    expect(identity.expiresAt).toBeGreaterThan(Date.now() + 800_000);
  });

  it("is for the owner of the command line's books unless it is told another", async () => {
    using box = createSandbox();
    const { stdout } = await box.run(["token"]);
    const verifier = createTokenVerifier({ secret: secretOf(box) });
    expect(await verifier.verify(stdout.trim())).toMatchObject({ userId: "local" });
  });

  it("makes one secret, readable by its owner alone, however many ask at once", async () => {
    using box = createSandbox();
    const runs = await Promise.all([1, 2, 3, 4].map(() => box.run(["token", "--user", "1"])));
    const verifier = createTokenVerifier({ secret: secretOf(box) });
    for (const { stdout } of runs) {
      expect(await verifier.verify(stdout.trim())).toMatchObject({ userId: "1" });
    }
    expect(statSync(join(box.home, "secret")).mode & 0o777).toBe(0o600);
    expect(readdirSync(box.home).filter((name) => name.startsWith("secret"))).toEqual(["secret"]);
  });

  it("signs with INKWIRE_JWT_SECRET and then keeps none", async () => {
    using box = createSandbox();
    const secret = "a secret of more than thirty-two bytes";
    const { stdout } = await box.run(["token", "--user", "1"], {
      env: { INKWIRE_JWT_SECRET: secret, INKWIRE_JWT_AUDIENCE: "app" },
    });
    const verifier = createTokenVerifier({ secret, audience: "app" });
    expect(await verifier.verify(stdout.trim())).toMatchObject({ userId: "1" });
    expect(() => secretOf(box)).toThrow("ENOENT");
  });

  it("refuses a secret that others can read, and says what to do", async () => {
    using box = createSandbox();
    await box.run(["token"]);
    const secret = secretOf(box);
    chmodSync(join(box.home, "secret"), 0o644);
    const { code, stdout, stderr } = await box.run(["token"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("chmod 600");
    expect(stderr).not.toContain(secret);
  });

  it.each([
    [["--ttl", "900"], "15m"],
    [["--ttl", "0s"], "from 1s to 3650d"],
    [["--ttl", "9999d"], "3650d"],
    [["--user", ""], "user"],
    [["--user", "a/b"], "userId"],
    [["--user", "a\nb"], "userId"],
    [["--scope", "two words"], "scope"],
    [["--topic", "book"], "topic"],
  ])("%j is a usage error that says what was expected", async (args, says) => {
    using box = createSandbox();
    const { code, stdout, stderr } = await box.run(["token", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });

  it("refuses a secret of the environment that is too short, without quoting it", async () => {
    using box = createSandbox();
    const { code, stderr } = await box.run(["token"], { env: { INKWIRE_JWT_SECRET: "hunter2" } });
    expect(code).toBe(2);
    expect(stderr).toContain("32 bytes");
    expect(stderr).not.toContain("hunter2");
  });
});
