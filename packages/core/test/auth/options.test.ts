import { createHmac, createSecretKey, generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { TokenVerifierOptions } from "../../src/auth/options.js";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import { expectRefusal, forge, goodClaims, nowMs, SECRET, signWith } from "./support/forge.js";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed = generateKeyPairSync("ed25519");
const rsaPem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
const edJwk = ed.publicKey.export({ format: "jwk" });

describe("a public key", () => {
  it("verifies what its private key signed", async () => {
    const byPem = createTokenVerifier({ publicKey: rsaPem, now: nowMs });
    const byJwk = createTokenVerifier({ publicKey: edJwk, now: nowMs });

    await expect(byPem.verify(signWith(rsa.privateKey))).resolves.toMatchObject({ userId: "42" });
    await expect(byJwk.verify(signWith(ed.privateKey))).resolves.toMatchObject({ userId: "42" });
    const named = signWith(ed.privateKey, goodClaims(), { alg: "Ed25519" });
    await expect(byJwk.verify(named)).resolves.toMatchObject({ userId: "42" });
  });

  it("refuses what another key signed", async () => {
    const other = generateKeyPairSync("ed25519").privateKey;
    const verifier = createTokenVerifier({ publicKey: edJwk, now: nowMs });

    await expectRefusal(verifier.verify(signWith(other)), "token_invalid");
  });

  it("is never taken for a secret, in whatever form it was used as one", async () => {
    const verifier = createTokenVerifier({ publicKey: rsaPem, now: nowMs });
    const der = rsa.publicKey.export({ type: "spki", format: "der" });
    for (const secret of [rsaPem, rsaPem.trim(), der]) {
      for (const alg of ["HS256", "RS256"]) {
        const token = forge(goodClaims(), { alg }, secret);
        await expectRefusal(verifier.verify(token), "token_invalid", token);
      }
    }
  });

  it("refuses its own signature under an algorithm that was not chosen", async () => {
    const verifier = createTokenVerifier({ publicKey: rsaPem, algorithms: ["RS512"], now: nowMs });

    await expectRefusal(verifier.verify(signWith(rsa.privateKey)), "token_invalid");
  });
});

describe("a secret", () => {
  it("verifies with each of the algorithms that were chosen, and no other", async () => {
    const secret = Buffer.from(SECRET + SECRET);
    const token = (bits: number) => {
      const [head, body] = forge(goodClaims(), { alg: `HS${bits}` }).split(".");
      const signature = createHmac(`sha${bits}`, SECRET + SECRET).update(`${head}.${body}`);
      return `${head}.${body}.${signature.digest("base64url")}`;
    };
    const verifier = createTokenVerifier({ secret, algorithms: ["HS256", "HS512"], now: nowMs });
    // The bytes were copied: who made them may clear them.
    secret.fill(0);

    await expect(verifier.verify(token(256))).resolves.toMatchObject({ userId: "42" });
    await expect(verifier.verify(token(512))).resolves.toMatchObject({ userId: "42" });
    await expectRefusal(verifier.verify(token(384)), "token_invalid");
  });
});

describe("options", () => {
  const jwk = (publicKey: JsonWebKey) => ({ publicKey });
  const privatePem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const shortPem = generateKeyPairSync("rsa", { modulusLength: 1024 })
    .publicKey.export({ type: "spki", format: "pem" })
    .toString();
  const x25519 = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
  const secretKey = createSecretKey(Buffer.from(SECRET)) as unknown as string;
  const jwksUrl = "https://id.example/keys";
  const none = "none" as "HS256";

  it.each<[string, TokenVerifierOptions, RegExp]>([
    ["no key", {}, /exactly one of secret, publicKey and jwksUrl, got 0/],
    ["two keys", { secret: SECRET, publicKey: rsaPem }, /exactly one of .*, got 2/],
    ["a short secret", { secret: "hunter2" }, /at least 32 bytes for HS256, got 7/],
    ["an empty secret", { secret: "" }, /at least 32 bytes for HS256, got 0/],
    [
      "a secret too short for its algorithm",
      { secret: SECRET, algorithms: ["HS512"] },
      /64 .*got 32/,
    ],
    ["a public key as the secret", { secret: rsaPem }, /key in PEM/],
    ["a secret of a wrong type", { secret: secretKey }, /text or bytes/],
    [
      "a secret with algorithms of keys",
      { secret: SECRET, algorithms: ["HS256", "RS256"] },
      /got HS256, RS256/,
    ],
    ["no algorithm", { secret: SECRET, algorithms: [] }, /got none/],
    ["the algorithm none", { secret: SECRET, algorithms: [none] }, /got none/],
    [
      "a public key with algorithms of secrets",
      { publicKey: rsaPem, algorithms: ["RS256", "HS256"] },
      /got RS256, HS256/,
    ],
    [
      "algorithms of another kind of key",
      { publicKey: rsaPem, algorithms: ["ES256"] },
      /RS256.*got ES256/,
    ],
    [
      "a JWKS with algorithms of secrets",
      { jwksUrl, algorithms: ["HS256"] },
      /public key.*got HS256/,
    ],
    ["a private key", { publicKey: privatePem }, /stays secret/],
    ["a private JWK", jwk(ed.privateKey.export({ format: "jwk" })), /stays secret/],
    ["a secret as a JWK", jwk({ kty: "oct", k: "c2VjcmV0" }), /PEM, or a JWK/],
    ["nonsense as a key", { publicKey: "ssh-rsa AAAA" }, /PEM, or a JWK/],
    ["a short key", { publicKey: shortPem }, /2048 bits, got 1024/],
    ["a key that can't sign", jwk(x25519), /got x25519/],
    ["a JWKS over the open network", { jwksUrl: "http://id.example/keys" }, /https:/],
    ["a JWKS in a file", { jwksUrl: "file:///etc/keys" }, /https:/],
    ["a JWKS at no address", { jwksUrl: "keys" }, /https:/],
    ["a negative age of keys", { jwksUrl, keySet: { maxAgeMs: -1 } }, /keySet.maxAgeMs/],
    ["an empty audience", { secret: SECRET, audience: "" }, /audience/],
    ["an empty list of issuers", { secret: SECRET, issuer: [] }, /issuer/],
    [
      "a tolerance without bounds",
      { secret: SECRET, clockToleranceMs: Infinity },
      /clockToleranceMs.*300000/,
    ],
    ["a cache of no size", { secret: SECRET, cacheSize: -1 }, /cacheSize/],
    ["tokens of no length", { secret: SECRET, maxTokenBytes: 0 }, /maxTokenBytes/],
  ])("refuse %s, and never quote a secret", (_, options, message) => {
    let thrown: unknown;
    try {
      createTokenVerifier(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: "invalid_option",
      message: expect.stringMatching(message) as string,
    });
    if (typeof options.secret === "string" && options.secret !== "") {
      expect(String((thrown as Error).stack)).not.toContain(options.secret);
    }
  });
});
