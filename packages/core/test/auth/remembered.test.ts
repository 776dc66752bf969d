import { describe, expect, it } from "vitest";
import { createTokenCache } from "../../src/auth/token-cache.js";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import { expectRefusal, forge, goodClaims, NOW, SECRET } from "./support/forge.js";

function openWithClock() {
  let time = NOW * 1000;
  const verifier = createTokenVerifier({
    secret: SECRET,
    clockToleranceMs: 0,
    maxRevocations: 2,
    now: () => time,
  });
  return { verifier, pass: (ms: number) => (time += ms) };
}

describe("a token that was verified before", () => {
  it("gives the same identity without the work", async () => {
    const { verifier } = openWithClock();
    const token = forge(goodClaims());

    expect(await verifier.verify(token)).toBe(await verifier.verify(token));
  });

  it("still ends at its end", async () => {
    const { verifier, pass } = openWithClock();
    const token = forge(goodClaims({ exp: NOW + 10 }));
    await verifier.verify(token);

    pass(9_999);
    await expect(verifier.verify(token)).resolves.toBeDefined();
    pass(1);
    await expectRefusal(verifier.verify(token), "token_expired", token);
  });

  it("is refused once it is revoked", async () => {
    const { verifier } = openWithClock();
    const token = forge(goodClaims({ jti: "stolen" }));
    const other = forge(goodClaims({ jti: "kept" }));
    await verifier.verify(token);

    verifier.revoke("stolen");

    await expectRefusal(verifier.verify(token), "token_invalid", token);
    await expect(verifier.verify(other)).resolves.toBeDefined();
  });

  it("is looked up in a revocation list from elsewhere each time", async () => {
    const revoked = new Set<string>();
    const verifier = createTokenVerifier({
      secret: SECRET,
      now: () => NOW * 1000,
      isRevoked: async ({ userId }) => revoked.has(userId),
    });
    const token = forge(goodClaims());
    await verifier.verify(token);

    revoked.add("42");

    await expectRefusal(verifier.verify(token), "token_invalid", token);
  });
});

describe("the list of revoked tokens", () => {
  it("forgets what has ended by itself to make room, and refuses loudly when there is none", () => {
    const { verifier, pass } = openWithClock();
    verifier.revoke("a", NOW * 1000 + 1_000);
    verifier.revoke("b", NOW * 1000 + 9_000);

    expect(() => verifier.revoke("c")).toThrow(expect.objectContaining({ code: "too_large" }));
    verifier.revoke("b");
    pass(1_000);
    verifier.revoke("c");

    expect(() => verifier.revoke("d")).toThrow(expect.objectContaining({ code: "too_large" }));
  });
});

describe("the cache of tokens", () => {
  const identity = { userId: "42", scopes: new Set<string>(), topics: [], expiresAt: 100 };

  it("keeps those that were used last", () => {
    const cache = createTokenCache(2);
    cache.set("a", identity, 100);
    cache.set("b", identity, 100);
    cache.get("a", 0);
    cache.set("c", identity, 100);

    expect(["a", "b", "c"].map((token) => cache.get(token, 0) !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    expect(cache.size).toBe(2);
  });

  it("drops what has ended when it is asked for", () => {
    const cache = createTokenCache(2);
    cache.set("a", identity, 100);

    expect(cache.get("a", 100)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it("can hold nothing", () => {
    const cache = createTokenCache(0);
    cache.set("a", identity, 100);

    expect(cache.size).toBe(0);
  });
});
