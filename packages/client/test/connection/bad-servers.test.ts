import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import type { Answer } from "../../src/testing/index.js";
import { createFakeToken } from "../../src/testing/index.js";
import { collect, publish, reaches, start, until } from "../support/harness.js";

const problem = (status: number, code: string): Answer => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: JSON.stringify({ type: "about:blank", title: "no", status, code }),
});

describe("answers that are no stream", () => {
  const rows: readonly [string, Answer, string, "waiting" | "closed"][] = [
    [
      "a page of HTML",
      { status: 200, headers: { "content-type": "text/html" }, body: "<p>Wi-Fi" },
      "not_a_stream",
      "waiting",
    ],
    [
      "a redirect to a login page",
      { status: 302, headers: { location: "https://login.invalid/" } },
      "redirected",
      "waiting",
    ],
    ["500", { status: 500 }, "server_failed", "waiting"],
    [
      "502 of a proxy",
      { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway" },
      "server_failed",
      "waiting",
    ],
    ["404 of a proxy", { status: 404 }, "server_failed", "waiting"],
    ["503 while it drains", problem(503, "draining"), "draining", "waiting"],
    ["429", problem(429, "too_many_connections"), "too_many_connections", "waiting"],
    ["403 for a topic", problem(403, "topic_forbidden"), "topic_forbidden", "closed"],
    ["403 of something else", { status: 403 }, "topic_forbidden", "closed"],
    ["400", problem(400, "bad_request"), "bad_request", "closed"],
    ["413", problem(413, "too_large"), "too_large", "closed"],
    ["204", { status: 204 }, "closed", "closed"],
    ["a problem that is no JSON", { ...problem(400, ""), body: "{" }, "server_failed", "closed"],
    [
      "a problem without end",
      { ...problem(500, ""), body: `{"code":"draining","x":"${"x".repeat(70_000)}"}` },
      "server_failed",
      "waiting",
    ],
  ];
  it.each(rows)("%s", async (_name, answer, code, status) => {
    await using run = await start(
      { refuse: () => answer },
      { backoff: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.9 },
    );
    run.client.connect();
    await reaches(run.client, status);
    expect(run.client.state.get().error?.code).toBe(code);
  });

  it("comes back after `Retry-After`, in seconds or as a date, and not before", async () => {
    for (const asDate of [false, true]) {
      // A date has no fractions of a second.
      const retryAfter = asDate ? new Date(Date.now() + 2_000).toUTCString() : "1";
      await using run = await start({
        refuse: () => ({ status: 429, headers: { "retry-after": retryAfter } }),
      });
      run.client.connect();
      await reaches(run.client, "waiting");
      const { retryAt = 0, since } = run.client.state.get();
      expect(retryAt - since).toBeGreaterThan(800);
      expect(retryAt - since).toBeLessThan(2_100);
      run.server.refuse = undefined;
      await reaches(run.client, "live");
      expect(Date.now()).toBeGreaterThanOrEqual(retryAt - 5);
    }
  });

  it("goes on for as long as the server is broken, and is live when it is well", async () => {
    await using run = await start({ refuse: () => ({ status: 500 }) });
    run.client.connect();
    await until(() => run.client.state.get().failures > 12);
    run.server.refuse = undefined;
    await reaches(run.client, "live");
  });
});

describe("tokens", () => {
  it.each(["sse", "websocket"] as const)(
    "asks once for a fresh one after a refusal, and goes on, over %s",
    async (transport) => {
      const asked: boolean[] = [];
      let token = createFakeToken("1", { old: true });
      await using run = await start(
        {
          refuse: (seen) =>
            seen.token === createFakeToken("1")
              ? undefined
              : transport === "sse"
                ? problem(401, "token_expired")
                : { status: 4005, body: "token_expired" },
        },
        {
          transport,
          token: ({ refresh }) => {
            asked.push(refresh);
            if (refresh) token = createFakeToken("1");
            return token;
          },
        },
      );
      run.client.connect();
      await reaches(run.client, "live");
      expect(asked).toEqual([false, true]);
    },
  );

  it("is unauthorized when the fresh one is refused too, and asks nobody any more until it is told to", async () => {
    let n = 0;
    await using run = await start(
      { refuse: () => problem(401, "token_invalid") },
      { token: () => createFakeToken("1", { n: (n += 1) }) },
    );
    run.client.connect();
    await reaches(run.client, "unauthorized");
    expect(run.server.requests).toHaveLength(2);
    expect(run.client.state.get().error?.code).toBe("token_invalid");
    await new Promise((done) => setTimeout(done, 60));
    expect(run.server.requests).toHaveLength(2);
    run.server.refuse = undefined;
    run.client.connect();
    await reaches(run.client, "live");
  });

  it("does not send a refused token again", async () => {
    await using run = await start({ refuse: () => problem(401, "token_invalid") });
    run.client.connect();
    await reaches(run.client, "unauthorized");
    expect(run.server.requests).toHaveLength(1);
  });

  it.each(["", undefined, null, 7])("never connects without one: %s", async (value) => {
    await using run = await start({}, { token: () => value as string });
    run.client.connect();
    await reaches(run.client, "unauthorized");
    expect(run.client.state.get().error?.code).toBe("token_missing");
    expect(run.server.requests).toEqual([]);
  });

  it("tries again when the function throws, or hangs", async () => {
    let calls = 0;
    const signals: AbortSignal[] = [];
    await using run = await start(
      {},
      {
        tokenTimeoutMs: 50,
        token: ({ signal }) => {
          calls += 1;
          signals.push(signal);
          if (calls === 1) throw new Error("mine");
          if (calls === 2) return Promise.reject(new Error("also mine"));
          if (calls === 3) return new Promise<string>(() => undefined);
          return createFakeToken("1");
        },
      },
    );
    const causes: unknown[] = [];
    run.client.state.subscribe(({ status, error }) => {
      if (status === "waiting")
        causes.push([error?.code, (error?.cause as Error | undefined)?.message]);
    });
    run.client.connect();
    await reaches(run.client, "live");
    expect(causes).toEqual([
      ["token_unavailable", "mine"],
      ["token_unavailable", "also mine"],
      ["token_unavailable", undefined],
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, true, false]);
  });

  it.each(["sse", "websocket"] as const)(
    "refreshes a token that is about to end in place, over %s",
    async (transport) => {
      let n = 0;
      await using run = await start(
        {},
        { transport, token: ({ refresh }) => createFakeToken("1", { n: (n += refresh ? 1 : 0) }) },
      );
      run.client.connect();
      await reaches(run.client, "live");
      run.server.control("wire.expiring", { expires_at: "2026-01-01T00:00:00.000Z" });
      await until(() => run.server.requests.length === 2);
      expect(run.server.requests[1]).toMatchObject({
        path: transport === "sse" ? "/events/c1/token" : "wire.token",
        token: createFakeToken("1", { n: 1 }),
      });
      await new Promise((done) => setTimeout(done, 30));
      expect(run.client.counts.connections).toBe(1);
    },
  );

  it("connects anew where a token can't be refreshed in place, and as the other user when it is another's", async () => {
    let user = "1";
    let n = 0;
    await using run = await start(
      { refuse: ({ transport }) => (transport === "http" ? { status: 404 } : undefined) },
      { token: () => createFakeToken(user, { n: (n += 1) }) },
    );
    run.client.connect();
    await reaches(run.client, "live");
    run.server.control("wire.expiring", { expires_at: "" });
    await until(() => run.client.counts.connections === 2);
    user = "2";
    run.server.control("wire.expiring", { expires_at: "" });
    await until(() => run.client.counts.connections === 3);
    expect(run.client.userId).toBe("2");
    expect(run.server.requests.at(-1)).toMatchObject({ transport: "sse", cursor: undefined });
  });
});

describe("goodbyes", () => {
  it("waits as long as the server says, and resumes", async () => {
    await using run = await start();
    run.client.connect();
    await reaches(run.client, "live");
    run.server.control("wire.goodbye", { reason: "drain", reconnect: true, reconnect_ms: 300 });
    await reaches(run.client, "waiting");
    const { retryAt = 0, since, error } = run.client.state.get();
    expect(retryAt - since).toBeGreaterThanOrEqual(300);
    expect(error?.code).toBe("draining");
    await reaches(run.client, "live");
  });

  it("is told when to come back where it is not let in", async () => {
    // Instead of a hello.
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(
        `data: ${JSON.stringify({ type: "wire.goodbye", data: { reason: "drain", reconnect: true, reconnect_ms: 60_000 } })}\n\n`,
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await using other = await start({}, { url: `http://127.0.0.1:${port}` });
    other.client.connect();
    await reaches(other.client, "waiting");
    const { error, retryAt = 0, since } = other.client.state.get();
    expect([error?.code, retryAt - since >= 60_000]).toEqual(["draining", true]);
    expect(other.client.counts.malformed).toBe(0);
    server.close();
  });

  it.each([
    ["replaced", "closed"],
    ["revoked", "unauthorized"],
  ] as const)("stops when it was %s", async (reason, status) => {
    await using run = await start();
    run.client.connect();
    await reaches(run.client, "live");
    run.server.control("wire.goodbye", { reason, reconnect: false, reconnect_ms: 0 });
    await reaches(run.client, status);
  });

  it("asks for a fresh token when it has expired", async () => {
    let n = 0;
    await using run = await start({}, { token: () => createFakeToken("1", { n: (n += 1) }) });
    run.client.connect();
    await reaches(run.client, "live");
    run.server.control("wire.goodbye", { reason: "expired", reconnect: true, reconnect_ms: 0 });
    await until(() => run.client.counts.connections === 2);
    expect(n).toBe(2);
  });

  it.each([
    [4001, "draining", "waiting"],
    [4008, "slow_consumer", "waiting"],
    [4012, "no_pong", "waiting"],
    [4013, "rate_limited", "waiting"],
    [1006, "connection_lost", "waiting"],
    [4500, "bad_request", "closed"],
    [4503, "topic_forbidden", "closed"],
    [4504, "replaced", "closed"],
    [4999, "connection_lost", "closed"],
  ] as const)("takes close code %i for %s", async (code, error, status) => {
    await using run = await start(
      {},
      { transport: "websocket", backoff: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.9 },
    );
    run.client.connect();
    await reaches(run.client, "live");
    run.server.cut(code === 1006 ? undefined : code);
    await reaches(run.client, status);
    expect(run.client.state.get().error?.code).toBe(error);
  });
});

describe.each(["sse", "websocket"] as const)("garbage over %s", (transport) => {
  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["no type", '{"id":"e1.9","topic":"all","data":{}}'],
    ["no topic", '{"id":"e1.9","type":"notification","data":{}}'],
    ["no data", '{"id":"e1.9","type":"notification","topic":"all"}'],
    ["a control message without data", '{"type":"wire.goodbye"}'],
    [
      "a second hello",
      '{"id":"e1.9","type":"wire.hello","data":{"resume":"reset","gaps":[],"replayed":0,"heartbeat_ms":1}}',
    ],
  ])("ignores %s, counts it and tells of it", async (_name, text) => {
    await using run = await start({}, { transport });
    const numbers = collect(run.client);
    run.client.connect();
    await reaches(run.client, "live");
    run.server.raw(text);
    publish(run.server, 1, 1);
    await until(() => numbers.length === 1);
    expect(run.client.counts).toMatchObject({ malformed: 1, connections: 1 });
    expect(run.problems).toEqual(["invalid_message"]);
  });

  it("ignores what it does not know, and counts what nobody asked for", async () => {
    await using run = await start({}, { transport });
    const numbers = collect(run.client);
    run.client.connect();
    await reaches(run.client, "live");
    run.server.raw('{"type":"wire.from_the_future","time":"","data":{}}');
    run.server.publish("user/1", "type_from_the_future", { a: 1 });
    run.server.publish("user/1", "__proto__", {});
    publish(run.server, 1, 1);
    await until(() => numbers.length === 1);
    expect(run.client.counts).toMatchObject({ delivered: 1, unknown: 2, malformed: 0 });
    expect(run.client.cursor).toBe("e1.3");
  });

  it.each(["e2.5", "e1.x", "", 5, null, "e1.99999999999999999999"])(
    "ends a connection that sends a cursor from elsewhere (%s), and resumes from its own",
    async (id) => {
      await using run = await start({}, { transport });
      const numbers = collect(run.client);
      run.client.connect();
      await reaches(run.client, "live");
      publish(run.server, 1, 1);
      await until(() => numbers.length === 1);
      run.server.raw(
        JSON.stringify({
          id,
          type: "notification",
          topic: "user/1",
          time: "",
          data: { id: "666" },
        }),
      );
      await until(() => run.client.counts.connections === 2);
      expect(run.server.requests.at(-1)?.cursor).toBe("e1.1");
      publish(run.server, 2, 2);
      await until(() => numbers.length === 2);
      expect(numbers).toEqual([1, 2]);
    },
  );

  it("never hands out an older message after a newer one: what comes too late is a gap", async () => {
    await using run = await start({ faults: {} }, { transport });
    const numbers = collect(run.client);
    const gaps: unknown[] = [];
    run.client.onGap((gap) => gaps.push(gap));
    run.client.connect();
    await reaches(run.client, "live");
    run.server.faults = { reorder: 1 };
    publish(run.server, 1, 2);
    await until(() => gaps.length === 1);
    expect(numbers).toEqual([2]);
    expect(gaps).toEqual([{ kind: "gap", topics: ["user/1"] }]);
  });

  it("takes a server that forgot the cursor for one that lost messages", async () => {
    await using run = await start({}, { transport });
    const gaps: unknown[] = [];
    run.client.onGap((gap) => gaps.push(gap));
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 2);
    await until(() => run.client.cursor === "e1.2");
    // A server, or something on the way to it, that drops the header: its hello calls itself fresh.
    run.server.forgetCursors = true;
    run.server.cut();
    publish(run.server, 3, 3);
    await until(() => gaps.length === 1);
    expect(gaps).toEqual([{ kind: "gap", topics: ["all", "user/1"] }]);
  });

  it("ends a message of 50 MB without keeping it, and resumes", async () => {
    await using run = await start(
      {},
      { transport, backoff: { baseMs: 50, capMs: 50 }, random: () => 0.9 },
    );
    const numbers = collect(run.client);
    run.client.connect();
    await reaches(run.client, "live");
    run.server.raw(`{"x":"${"x".repeat(50_000_000)}"}`);
    await until(() => run.client.state.get().error?.code === "too_large");
    publish(run.server, 1, 1);
    await until(() => numbers.length === 1);
  }, 30_000);
});

it("hands a handler's exception to the program, and the message to the other handlers", async () => {
  const thrown: unknown[] = [];
  await using run = await start({}, { onProblem: ({ code, cause }) => thrown.push([code, cause]) });
  run.client.on("notification", () => {
    throw new Error("mine");
  });
  const numbers = collect(run.client);
  run.client.connect();
  await reaches(run.client, "live");
  publish(run.server, 1, 2);
  await until(() => numbers.length === 2);
  expect(thrown).toEqual([
    ["handler_failed", new Error("mine")],
    ["handler_failed", new Error("mine")],
  ]);
});
