import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createTokenIssuer } from "../../src/auth/issuer.js";
import { createTokenVerifier } from "../../src/auth/verifier.js";
import { addressKey, clientAddress } from "../../src/server/client-address.js";
import { createRateLimiter, resolveRates } from "../../src/server/rate-limits.js";
import { openServerRoom, SECRET } from "./support/server-room.js";

const minute = { perMinute: 60, burst: 3 };

it("gives a burst, then one for each interval, and says exactly how long to wait", () => {
  let nowMs = 1_000;
  const limiter = createRateLimiter(() => nowMs);
  const take = () => limiter.take("a", minute);
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1_000]);
  nowMs += 999;
  expect(take()).toBe(1);
  nowMs += 1;
  expect([take(), take()]).toEqual([0, 1_000]);
  // However long nobody comes, a bucket holds no more than its burst.
  nowMs += 3_600_000;
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1_000]);
  expect(limiter.take("b", minute)).toBe(0);
});

it("never allows more than burst + rate x time, at any sequence of moments", () => {
  let nowMs = 0;
  const limiter = createRateLimiter(() => nowMs);
  let taken = 0;
  for (let step = 0; step < 5_000; step += 1) {
    nowMs += (step * 7_919) % 137;
    if (limiter.take("a", minute) === 0) taken += 1;
    expect(taken).toBeLessThanOrEqual(minute.burst + nowMs / 1_000);
  }
  expect(taken).toBeGreaterThan(nowMs / 1_000 - 1);
});

it("keeps a bounded number of buckets: full ones are forgotten first, and who comes is let in", () => {
  let nowMs = 0;
  const limiter = createRateLimiter(() => nowMs, 3);
  const once = { perMinute: 1, burst: 1 };
  for (const key of ["a", "b", "c"]) expect(limiter.take(key, once)).toBe(0);
  nowMs += 60_000;
  expect(limiter.take("c", once)).toBe(0);
  expect(limiter.take("d", once)).toBe(0);
  expect(limiter.take("c", once)).toBe(60_000);
  expect(limiter.take("e", once)).toBe(0);
  expect(limiter.take("f", once)).toBe(0);
});

it("counts each user and bucket apart, answers 429 with Retry-After, and forgets with time", async () => {
  let nowMs = Date.now();
  await using room = await openServerRoom({
    now: () => nowMs,
    rateLimits: { perUser: { read: { perMinute: 6, burst: 2 }, write: null } },
  });
  const { ask } = room;
  const list = (as: string) => ask("GET /api/books", { as });
  expect([(await list("ada")).status, (await list("ada")).status]).toEqual([200, 200]);
  const refused = await list("ada");
  expect(refused).toMatchObject({ status: 429, json: { code: "rate_limited", retryable: true } });
  expect(refused.headers.get("retry-after")).toBe("10");
  expect((await list("bob")).status).toBe(200);
  expect((await ask("POST /api/notifications/read-all", { as: "ada" })).status).toBe(200);
  nowMs += 10_000;
  expect((await list("ada")).status).toBe(200);
});

it("counts an address before it looks at a token, so that nobody guesses at full speed", async () => {
  await using room = await openServerRoom({
    rateLimits: { perAddress: { read: { perMinute: 1, burst: 3 } } },
    address: (request) => request.headers.get("x-test-address") ?? undefined,
  });
  const guess = (address: string) =>
    room.ask("GET /api/books", {
      headers: { authorization: "Bearer a.b.c", "x-test-address": address },
    });
  for (let round = 0; round < 3; round += 1) expect((await guess("10.0.0.1")).status).toBe(401);
  expect((await guess("10.0.0.1")).status).toBe(429);
  expect((await guess("10.0.0.2")).status).toBe(401);
  // The machinery around a server is never refused.
  const headers = { "x-test-address": "10.0.0.1" };
  expect((await room.ask("GET /health", { headers })).status).toBe(200);
});

it("lets a crowd behind one address in, as each of them has a limit of their own", async () => {
  await using room = await openServerRoom({ rateLimits: {}, address: () => "10.0.0.1" });
  const connect = async (userId: string): Promise<number> => {
    const headers = { authorization: `Bearer ${await room.token(userId)}` };
    const request = new Request("http://localhost/events", { headers });
    const response = await room.inkwire.fetch(request);
    await response.body?.cancel();
    return response.status;
  };
  for (let n = 0; n < 650; n += 1) expect(await connect(`student-${n}`)).toBe(200);
  // The limit of each user stays what it was.
  const own = [];
  for (let n = 0; n < 41; n += 1) own.push(await connect("student-0"));
  expect(own.slice(0, 39)).toEqual(Array.from({ length: 39 }, () => 200));
  expect(own).toContain(429);
});

describe("an address whose tokens are refused", () => {
  const refused = { perMinute: 60, burst: 3 };
  const BAD = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AAAA";

  async function openCounting() {
    let nowMs = Date.now();
    let verified = 0;
    const real = createTokenVerifier({ secret: SECRET, now: () => nowMs });
    const room = await openServerRoom({
      now: () => nowMs,
      auth: {
        verifier: {
          verify(token) {
            verified += 1;
            return real.verify(token);
          },
        },
      },
      rateLimits: { refused },
      trustProxy: 1,
    });
    const { url } = await room.inkwire.listen({ port: 0 });
    const headers = (token: string | undefined, address: string) => ({
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      "x-forwarded-for": address,
    });
    const status = async (path: string, token: string | undefined, address = "10.0.0.1") => {
      const leaving = new AbortController();
      const response = await fetch(`${url}${path}`, {
        headers: headers(token, address),
        signal: leaving.signal,
      });
      leaving.abort();
      return response.status;
    };
    /** Its close code, or the status of a refused upgrade; 0 for one that is let in. */
    const socket = (token: string | undefined, address = "10.0.0.1") =>
      new Promise<number>((resolve) => {
        const ws = new WebSocket(`${url.replace("http", "ws")}/ws`, ["inkwire.v1"], {
          headers: headers(token, address),
        });
        ws.on("unexpected-response", (_, { statusCode = 0 }) => resolve(statusCode));
        ws.on("message", () => (resolve(0), ws.terminate()));
        ws.on("close", resolve);
        ws.on("error", () => {});
      });
    return {
      room,
      status,
      socket,
      verified: () => verified,
      wait: (ms: number) => void (nowMs += ms),
      [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
    };
  }

  it("has none of them looked at any more once it used up its refusals, by whichever way they come", async () => {
    await using it = await openCounting();
    expect(await it.status("/api/books", BAD)).toBe(401);
    expect(await it.status("/events", BAD)).toBe(401);
    expect(await it.socket(BAD)).toBe(4501);
    expect(it.verified()).toBe(3);
    for (let round = 0; round < 5; round += 1) {
      expect(await it.status("/api/books", BAD)).toBe(429);
      expect(await it.status("/events", BAD)).toBe(429);
      expect(await it.status(`/events?token=${BAD}`, undefined)).toBe(200);
      expect(await it.socket(BAD)).toBe(429);
    }
    // Nobody can know that one is good without looking at it.
    const good = await it.room.token("ada");
    expect(await it.status("/api/books", good)).toBe(429);
    expect(it.verified()).toBe(3);
    expect(await it.status("/api/books", good, "10.0.0.2")).toBe(200);
    expect(await it.socket(good, "10.0.0.2")).toBe(0);
    it.wait(1_000);
    expect(await it.status("/api/books", good)).toBe(200);
    expect(await it.status("/api/books", BAD)).toBe(401);
    expect(await it.status("/api/books", BAD)).toBe(429);
  });

  it("is not held to account for none at all by what needs none, nor for tokens that have expired", async () => {
    await using it = await openCounting();
    const good = await it.room.token("ada");
    const old = await createTokenIssuer({
      secret: SECRET,
      now: () => Date.now() - 7_200_000,
    }).issue({ userId: "ada", ttlMs: 60_000 });
    for (let round = 0; round < 5; round += 1) {
      expect(await it.status("/health", undefined)).toBe(200);
      expect(await it.status("/openapi.json", undefined)).toBe(200);
      expect(await it.status("/api/books", old)).toBe(401);
      expect(await it.socket(old)).toBe(4005);
    }
    expect(await it.status("/api/books", good)).toBe(200);
    for (let round = 0; round < 3; round += 1)
      expect(await it.status("/api/books", undefined)).toBe(401);
    expect(await it.status("/api/books", good)).toBe(429);
  });
});

it("asks a limiter of yours instead, which may take its time", async () => {
  const asked: string[] = [];
  await using room = await openServerRoom({
    rateLimits: {},
    limiter: {
      async take(key) {
        asked.push(key);
        return key.startsWith("user:") ? 2_500 : 0;
      },
    },
  });
  const refused = await room.ask("GET /api/books", { as: "ada" });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("3");
  expect(asked).toEqual(["address:unknown read", "user:ada read"]);
});

it.each([
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("counts %s as %s", (address, key) => expect(addressKey(address)).toBe(key));

it.each([
  [0, "6.6.6.6", "9.9.9.9"],
  [1, "6.6.6.6, 1.1.1.1", "1.1.1.1"],
  [2, "6.6.6.6, 1.1.1.1, 10.0.0.1", "1.1.1.1"],
  [1, undefined, "9.9.9.9"],
  [2, "1.1.1.1", "9.9.9.9"],
  [1, "not an address", "9.9.9.9"],
])(
  "behind %i proxies, with X-Forwarded-For %s, takes %s for the address",
  (trustProxy, forwarded, address) => {
    const headers = new Headers(forwarded === undefined ? {} : { "x-forwarded-for": forwarded });
    expect(clientAddress("9.9.9.9", headers, { trustProxy })).toBe(address);
  },
);

it("refuses rates that make no sense at the start", () => {
  expect(() => resolveRates({ perUser: { read: { perMinute: 0, burst: 1 } } })).toThrow(
    /perUser\.read/,
  );
  expect(() => resolveRates({ perAddress: { write: { perMinute: 1, burst: 0 } } })).toThrow(
    /perAddress\.write/,
  );
  expect(() => resolveRates({ refused: { perMinute: -1, burst: 1 } })).toThrow(/refused/);
  expect(resolveRates({ perUser: { read: null } }).perUser.read).toBeNull();
  expect(resolveRates({ refused: null }).refused).toBeNull();
});
