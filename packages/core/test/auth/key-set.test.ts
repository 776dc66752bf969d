import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import { expectRefusal, goodClaims, NOW, signWith } from "./support/forge.js";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real identity provider: its answer can be changed, and how often it was asked is counted. */
async function openProvider(answer: Answer) {
  const state = { answer, asked: 0 };
  const server = createServer((request, response) => {
    state.asked += 1;
    state.answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${port}/keys`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const json =
  (value: unknown): Answer =>
  (_, response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify(value));

const jwkOf = (key: KeyObject, kid?: string) => ({
  ...key.export({ format: "jwk" }),
  ...(kid === undefined ? {} : { kid }),
});

const first = generateKeyPairSync("ed25519");
const second = generateKeyPairSync("ed25519");
const firstKeys = json({ keys: [jwkOf(first.publicKey, "first")] });
const secondKeys = json({ keys: [jwkOf(second.publicKey, "second")] });
const token = (pair = first, kid = "first", sub = "42") =>
  signWith(pair.privateKey, goodClaims({ sub }), { kid });

/** Remembers no tokens, so that each needs its key. */
function open(url: string, keySet = {}) {
  const clock = { time: NOW * 1000 };
  const verifier = createTokenVerifier({
    jwksUrl: url,
    keySet: { cooldownMs: 0, ...keySet },
    cacheSize: null,
    now: () => clock.time,
  });
  return { verifier, clock };
}

describe("keys behind a URL", () => {
  it("are fetched once for many tokens", async () => {
    await using provider = await openProvider(firstKeys);
    const { verifier } = open(provider.url);
    const users = Array.from({ length: 20 }, (_, n) => `user-${n}`);

    const identities = await Promise.all(
      users.map((user) => verifier.verify(token(first, "first", user))),
    );

    expect(identities.map(({ userId }) => userId)).toEqual(users);
    expect(provider.state.asked).toBe(1);
  });

  it("are fetched again when a token names a new one", async () => {
    await using provider = await openProvider(firstKeys);
    const { verifier } = open(provider.url);
    await verifier.verify(token());

    provider.state.answer = secondKeys;

    await expect(verifier.verify(token(second, "second"))).resolves.toMatchObject({ userId: "42" });
    await expectRefusal(verifier.verify(token()), "token_invalid");
  });

  it("are not fetched for each token with an invented key id", async () => {
    await using provider = await openProvider(firstKeys);
    const { verifier } = open(provider.url, { cooldownMs: 60_000 });
    await verifier.verify(token());

    for (let n = 0; n < 5; n++) {
      await expectRefusal(verifier.verify(token(second, `invented-${n}`)), "token_invalid");
    }

    expect(provider.state.asked).toBe(1);
  });

  it("are all tried when they have no ids", async () => {
    const keys = [jwkOf(first.publicKey), jwkOf(second.publicKey)];
    await using provider = await openProvider(json({ keys }));
    const { verifier } = open(provider.url);
    const stranger = generateKeyPairSync("ed25519");

    await expect(verifier.verify(signWith(second.privateKey))).resolves.toMatchObject({
      userId: "42",
    });
    await expectRefusal(verifier.verify(signWith(stranger.privateKey)), "token_invalid");
    const late = signWith(first.privateKey, goodClaims({ exp: NOW - 60 }));
    await expectRefusal(verifier.verify(late), "token_expired");
  });

  it("of another kind beside them do no harm", async () => {
    const odd = [null, 7, { kty: "oct", k: "c2VjcmV0", kid: "first" }, { kty: "?" }];
    await using provider = await openProvider(
      json({ keys: [...odd, jwkOf(first.publicKey, "first")] }),
    );
    const { verifier } = open(provider.url);

    await expect(verifier.verify(token())).resolves.toMatchObject({ userId: "42" });
  });
});

describe("a provider in trouble", () => {
  it.each<[string, Answer]>([
    ["answers with an error", (_, response) => void response.writeHead(500).end("a stack trace")],
    ["answers with a page", (_, response) => void response.end("<html>Sign in</html>")],
    ["answers with other JSON", json({ keys: "none" })],
    ["answers with nothing", (_, response) => void response.end()],
    ["redirects", (_, response) => void response.writeHead(302, { location: "/other" }).end()],
    ["hangs up", (request) => void request.socket.destroy()],
    ["says far too much", (_, response) => void response.end(`{"keys":["${"x".repeat(2e6)}"]}`)],
  ])("that %s refuses nobody for good", async (_, answer) => {
    await using provider = await openProvider(answer);
    const { verifier, clock } = open(provider.url);

    await expectRefusal(verifier.verify(token()), "auth_unavailable", token());

    provider.state.answer = firstKeys;
    clock.time += 1_000;
    await expect(verifier.verify(token())).resolves.toMatchObject({ userId: "42" });
  });

  it.each<[string, Answer]>([
    ["never answers", () => {}],
    ["begins to answer and never goes on", (_, response) => void response.write('{"keys":[')],
  ])("that %s is given up", async (_, answer) => {
    await using provider = await openProvider(answer);
    const { verifier } = open(provider.url, { timeoutMs: 50 });

    await expectRefusal(verifier.verify(token()), "auth_unavailable");
  });

  it("is not asked again by each of many clients", async () => {
    await using provider = await openProvider((_, response) => void response.writeHead(503).end());
    const { verifier } = open(provider.url);

    for (let n = 0; n < 10; n++) await expectRefusal(verifier.verify(token()), "auth_unavailable");

    expect(provider.state.asked).toBe(1);
  });

  it("that is not there at all says when to come back", async () => {
    const provider = await openProvider(firstKeys);
    await provider[Symbol.asyncDispose]();

    await expect(open(provider.url).verifier.verify(token())).rejects.toMatchObject({
      code: "auth_unavailable",
      retryable: true,
      retryAfterMs: 1_000,
    });
  });
});
