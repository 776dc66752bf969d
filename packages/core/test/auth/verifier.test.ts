import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenVerifierOptions } from "../../src/auth/options.js";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import {
  base64url,
  expectRefusal,
  forge,
  goodClaims,
  NOW,
  nowMs,
  SECRET,
} from "./support/forge.js";

const open = (options: Partial<TokenVerifierOptions> = {}) =>
  createTokenVerifier({ secret: SECRET, now: nowMs, ...options });

const refused = (token: string, options?: Partial<TokenVerifierOptions>) =>
  expectRefusal(open(options).verify(token), "token_invalid", token);

describe("a token that is good", () => {
  it("says who it is, what it may and when it ends", async () => {
    const claims = goodClaims({
      scope: "admin books:write",
      topics: ["book/7", "room/a"],
      jti: "t1",
    });

    const identity = await open().verify(forge(claims));

    expect(identity).toEqual({
      userId: "42",
      scopes: new Set(["admin", "books:write"]),
      topics: ["book/7", "room/a"],
      expiresAt: (NOW + 600) * 1000,
      tokenId: "t1",
    });
    expect(Object.isFrozen(identity)).toBe(true);
  });

  it("needs neither scopes nor topics nor an id", async () => {
    const identity = await open().verify(forge(goodClaims({ scope: "" })));

    expect(identity).toEqual({
      userId: "42",
      scopes: new Set(),
      topics: [],
      expiresAt: (NOW + 600) * 1000,
    });
  });

  it.each(["auth0|5f7c8ec7c33c6c004bbafe82", "ada@example.org", "a".repeat(128)])(
    "may be of a user with the id %s",
    async (sub) => {
      expect((await open().verify(forge(goodClaims({ sub })))).userId).toBe(sub);
    },
  );

  it("is one of the audiences and issuers that are expected", async () => {
    const verifier = open({ audience: ["web", "app"], issuer: "https://id.example" });
    const claims = goodClaims({ aud: ["other", "app"], iss: "https://id.example" });

    await expect(verifier.verify(forge(claims))).resolves.toMatchObject({ userId: "42" });
  });

  it("counts the last of a claim that is there twice, as every JSON reader does", async () => {
    const token = forge(`{"sub":"1","sub":"42","exp":1,"exp":${NOW + 60}}`);

    await expect(open().verify(token)).resolves.toMatchObject({ userId: "42" });
  });
});

describe("a token's time", () => {
  it("ends it, after the tolerance for clocks", async () => {
    await expect(open().verify(forge(goodClaims({ exp: NOW - 4 })))).resolves.toBeDefined();
    await expectRefusal(open().verify(forge(goodClaims({ exp: NOW - 5 }))), "token_expired");
    const exact = open({ clockToleranceMs: 0 });
    await expectRefusal(exact.verify(forge(goodClaims({ exp: NOW }))), "token_expired");
  });

  it("may not have come yet", async () => {
    await expect(open().verify(forge(goodClaims({ nbf: NOW + 5 })))).resolves.toBeDefined();
    await refused(forge(goodClaims({ nbf: NOW + 6 })));
  });

  it.each([[undefined], [null], [`${NOW + 600}`], [1e300], [true], [[NOW + 600]]])(
    "has to have an end that is one: %j",
    (exp) => refused(forge(goodClaims({ exp }))),
  );

  it.each([["soon"], [null], [{}]])("has to begin at a number: %j", (nbf) =>
    refused(forge(goodClaims({ nbf }))),
  );
});

describe("a token of somebody else", () => {
  it.each([
    ["another audience", { aud: "other", iss: "me" }],
    ["no audience", { iss: "me" }],
    ["an audience that is no text", { aud: 7, iss: "me" }],
    ["another issuer", { aud: "app", iss: "you" }],
    ["no issuer", { aud: "app" }],
    ["an issuer in a list", { aud: "app", iss: ["me"] }],
  ])("is refused: %s", (_, claims) =>
    refused(forge(goodClaims(claims)), { audience: "app", issuer: "me" }),
  );

  it("is refused when another secret signed it", () =>
    refused(forge(goodClaims(), { alg: "HS256" }, "another secret, also of 32 bytes.")));
});

describe("a forged token", () => {
  const head = (header: object) => base64url(JSON.stringify(header));
  const body = base64url(JSON.stringify(goodClaims()));

  it.each(["none", "None", "NONE", "nOnE", ""])("is refused with the algorithm %j", async (alg) => {
    await refused(`${head({ alg })}.${body}.`);
    await refused(`${head({ alg })}.${body}.x`);
    await refused(forge(goodClaims(), { alg }));
  });

  it.each([
    ["another algorithm of its kind", { alg: "HS512" }],
    ["an algorithm that is no text", { alg: ["HS256"] }],
    ["no algorithm", {}],
    ["an extension that must be understood", { alg: "HS256", crit: ["x"], x: 1 }],
    ["a payload that is not base64", { alg: "HS256", b64: false, crit: ["b64"] }],
    ["compression", { alg: "HS256", zip: "DEF", crit: ["zip"] }],
  ])("is refused with %s in its header", (_, header) => refused(forge(goodClaims(), header)));

  it("is refused when its own key comes along", () => {
    const key = "k".repeat(32);
    return refused(
      forge(goodClaims(), { alg: "HS256", jwk: { kty: "oct", k: base64url(key) } }, key),
    );
  });

  it("is refused when one letter of its signature differs", async () => {
    const token = forge(goodClaims());
    const other = token.at(-2) === "A" ? "B" : "A";
    await refused(`${token.slice(0, -2)}${other}${token.slice(-1)}`);
  });

  it("is refused when it says another user with the signature of the first", async () => {
    const [header, , signature] = forge(goodClaims()).split(".");
    await refused(`${header}.${base64url(JSON.stringify(goodClaims({ sub: "1" })))}.${signature}`);
  });
});

describe("a token that is no token", () => {
  it("is missing when it is not there", async () => {
    await expectRefusal(open().verify(undefined), "token_missing");
    await expectRefusal(open().verify(""), "token_missing");
  });

  it.each([
    [" "],
    ["."],
    [".."],
    ["a.b"],
    ["a.b.c.d"],
    ["a.b.c.d.e"],
    ["null"],
    ["eyJhbGciOiJIUzI1NiJ9..x"],
    ["héé.wörld.🦑"],
    ["a.b.c\r\nX-Injected: 1"],
    ["\0.\0.\0"],
  ])("is refused: %j", (token) => refused(token));

  it("is refused when it is too long, at once", async () => {
    const long = forge(goodClaims({ note: "x".repeat(100_000) }));
    await refused(long);
    await expect(open({ maxTokenBytes: 200_000 }).verify(long)).resolves.toBeDefined();
  });

  it("is refused when it is no text at all", async () => {
    for (const value of [42, {}, ["a.b.c"], null]) {
      await expectRefusal(open().verify(value as unknown as string), "token_invalid");
    }
  });

  it.each(["[]", "null", "7", '"text"', "{", "", "\uFEFF{}", '{"sub":"42"'])(
    "is refused when its claims are %j",
    (claims) => refused(forge(claims)),
  );

  it("is refused when its claims are not UTF-8", async () => {
    const payload = Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d);
    await refused(`${base64url('{"alg":"HS256"}')}.${base64url(payload)}.x`);
  });

  it("is never accepted, whatever is cut out of, put into or swapped in a good one", async () => {
    const good = forge(goodClaims());
    const verifier = open({ cacheSize: null });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.nat(3),
        fc.string({ unit: "binary", maxLength: 4 }),
        async (at, length, text) => {
          const token = good.slice(0, at) + text + good.slice(at + length);
          // The last letter of a signature holds bits that mean nothing.
          fc.pre(token !== "" && token.slice(0, -1) !== good.slice(0, -1));
          await expectRefusal(verifier.verify(token), "token_invalid");
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("claims of the wrong shape", () => {
  it.each([
    [{ sub: undefined }],
    [{ sub: "" }],
    [{ sub: 42 }],
    [{ sub: ["42"] }],
    [{ sub: "a b" }],
    [{ sub: "a/b" }],
    [{ sub: "a,b" }],
    [{ sub: "42\n" }],
    [{ sub: "42\r\nevent: forged" }],
    [{ sub: "42\0" }],
    [{ sub: "4２" }],
    [{ sub: "ada\u202E" }],
    [{ sub: "a".repeat(129) }],
    [{ scope: ["admin"] }],
    [{ scope: null }],
    [{ scope: "a\nb" }],
    [{ scope: 'a"b' }],
    [{ topics: "book/7" }],
    [{ topics: ["book/7", 7] }],
    [{ topics: ["book/7\n"] }],
    [{ topics: ["*"] }],
    [{ topics: {} }],
    [{ jti: 7 }],
    [{ jti: "" }],
    [{ jti: "j".repeat(257) }],
  ])("refuse the token: %j", (claims) => refused(forge(goodClaims(claims))));
});
