import { describe, expect, it } from "vitest";
import { createTokenIssuer, type TokenRequest } from "../../src/auth/issuer.js";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import { expectRefusal, NOW, nowMs, SECRET } from "./support/forge.js";

describe("a token issuer", () => {
  it("makes tokens that the verifier understands", async () => {
    const issuer = createTokenIssuer({
      secret: SECRET,
      issuer: "me",
      audience: ["app", "web"],
      now: nowMs,
    });
    const verifier = createTokenVerifier({
      secret: SECRET,
      issuer: "me",
      audience: "app",
      now: nowMs,
    });

    const token = await issuer.issue({
      userId: "ada@example.org",
      scopes: ["admin"],
      topics: ["book/7"],
    });

    expect(await verifier.verify(token)).toEqual({
      userId: "ada@example.org",
      scopes: new Set(["admin"]),
      topics: ["book/7"],
      expiresAt: (NOW + 3600) * 1000,
      tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it("gives each token an id of its own, by which it can be revoked", async () => {
    const issuer = createTokenIssuer({ secret: SECRET, now: nowMs });
    const verifier = createTokenVerifier({ secret: SECRET, now: nowMs });
    const [one, two] = [await issuer.issue({ userId: "1" }), await issuer.issue({ userId: "1" })];

    verifier.revoke((await verifier.verify(one)).tokenId ?? "");

    await expectRefusal(verifier.verify(one), "token_invalid", one);
    await expect(verifier.verify(two)).resolves.toMatchObject({ userId: "1" });
  });

  it.each<[string, TokenRequest]>([
    ["a user with a line break", { userId: "1\n2" }],
    ["a user with a slash", { userId: "1/2" }],
    ["no user", { userId: "" }],
    ["a life in seconds", { userId: "1", ttlMs: 600 }],
    ["a life without end", { userId: "1", ttlMs: Infinity }],
    ["a life that is no number", { userId: "1", ttlMs: Number.NaN }],
    ["two scopes in one", { userId: "1", scopes: ["a b"] }],
    ["a topic that is none", { userId: "1", topics: ["*" as "all"] }],
  ])("refuses %s", async (_, request) => {
    const issuer = createTokenIssuer({ secret: SECRET });

    await expect(issuer.issue(request)).rejects.toMatchObject({ code: "invalid_option" });
  });

  it("refuses a short secret without saying it", () => {
    const open = () => createTokenIssuer({ secret: "hunter2" });

    expect(open).toThrow(/at least 32 bytes for HS256, got 7/);
    expect(open).not.toThrow(/hunter2/);
  });
});
