import { describe, expect, it } from "vitest";
import type { Received } from "../support/wire-client.js";
import { Refused } from "../support/wire-client.js";
import {
  startGatewayServer,
  type GatewayServerOptions,
  type TransportKind,
} from "../support/gateway-server.js";

const numbers = (received: readonly Received[]): readonly number[] =>
  received.filter(({ type }) => type === "note").map(({ data }) => data.n as number);

const upTo = (count: number, from = 0): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + index);

const jtiOf = (token: string): string =>
  (
    JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
      readonly jti: string;
    }
  ).jti;

/** What every transport promises, over real sockets. Called inside a `describe`. */
export function describeTransport(kind: TransportKind): void {
  const start = (options?: GatewayServerOptions) => startGatewayServer(kind, options);
  const isWebSocket = kind === "websocket";

  describe("hello", () => {
    it("comes first, with the head as its id, and says who and when", async () => {
      await using server = await start();
      await server.note("all", 1);
      await using client = await server.connect("1");
      expect(client.received[0]).toMatchObject({
        id: server.bus.head(),
        type: "wire.hello",
        data: { resume: "fresh", gaps: [], replayed: 0, heartbeat_ms: 15_000 },
      });
      const { connection_id: id, expires_at: expiresAt } = client.received[0]!.data;
      expect(server.gateway.connections.of("1")).toMatchObject([
        {
          id,
          userId: "1",
          topics: ["user/1", "all"],
          transport: isWebSocket ? "websocket" : "sse",
        },
      ]);
      expect(expiresAt).toBe("2026-01-01T01:00:00.000Z");
    });

    it("says recovered, and replays what came after the cursor before anything else", async () => {
      await using server = await start();
      await using first = await server.connect("1");
      await server.note("user/1", 1);
      await first.next("note");
      first.close();
      await server.note("user/1", 2);
      await server.note("user/2", 99);
      await server.note("all", 3);
      await using second = await server.connect("1", { cursor: first.cursor });
      await server.note("user/1", 4);
      await expect.poll(() => numbers(second.received)).toEqual([2, 3, 4]);
      expect(second.received[0]?.data).toMatchObject({ resume: "recovered", replayed: 2 });
    });

    it("keeps the place of one that is cut off between verdict and replay", async () => {
      await using server = await start();
      const before = server.bus.head();
      await server.note("user/1", 1);
      await using client = await server.connect("1", { cursor: before });
      await client.next("note");
      expect(client.received[0]).toMatchObject({ type: "wire.hello", id: before });
    });

    it("takes a cursor from the address too, and the header's before it", async () => {
      await using server = await start();
      const before = server.bus.head();
      await server.note("user/1", 1);
      await using client = await server.connect("1", { cursor: before, cursorInUrl: true });
      expect(client.received[0]?.data.resume).toBe("recovered");
      expect((await client.next("note")).data.n).toBe(1);
    });

    it("names the topics with a gap, and replays the rest", async () => {
      await using server = await start({ history: { maxMessages: 10 } });
      const before = server.bus.head();
      await server.note("user/1", 0);
      for (const n of upTo(20)) await server.note("all", n);
      await server.note("user/1", 77);
      await using client = await server.connect("1", { cursor: before });
      expect(client.received[0]?.data).toMatchObject({ resume: "gap" });
      expect(client.received[0]?.data.gaps.toSorted()).toEqual(["all", "user/1"]);
      await expect.poll(() => numbers(client.received).at(-1)).toBe(77);
    });

    it.each([
      "",
      "nonsense",
      "other-epoch.4",
      "../../etc/passwd",
      "e.99999999",
      "e.-1",
      "%00",
      "x".repeat(4000),
    ])(
      "answers a cursor that names no place (%j) with a verdict, never an error",
      async (cursor) => {
        await using server = await start({ history: { epoch: "e" } });
        await server.note("user/1", 1);
        await using client = await server.connect("1", { cursor });
        expect(client.received[0]).toMatchObject({
          id: server.bus.head(),
          data: { resume: cursor === "" ? "fresh" : "reset", replayed: 0 },
        });
      },
    );

    it("never replays what the token may not see, whoever's message the cursor is", async () => {
      await using server = await start();
      await server.note("user/2", 1);
      const theirs = server.bus.head();
      await server.note("user/2", 2);
      await server.note("book/2", 3);
      await server.note("user/1", 4);
      await using client = await server.connect("1", { cursor: theirs });
      await server.note("user/2", 5);
      await server.note("user/1", 6);
      await expect.poll(() => numbers(client.received).at(-1)).toBe(6);
      expect(numbers(client.received)).toEqual([4, 6]);
    });
  });

  describe("live", () => {
    it("delivers the same JSON in order, each once, and only the topics of the connection", async () => {
      await using server = await start();
      await using one = await server.connect("1", { topics: ["book/1"] });
      await using two = await server.connect("2");
      for (const n of upTo(50)) await server.note(n % 2 === 0 ? "book/1" : "all", n);
      await expect.poll(() => numbers(one.received)).toEqual(upTo(50));
      await expect.poll(() => numbers(two.received)).toEqual(upTo(50).filter((n) => n % 2 === 1));
    });

    it("has no seam between replay and live, while messages are published all the time", async () => {
      await using server = await start();
      const before = server.bus.head();
      let n = 0;
      const over = new AbortController();
      const publish = async () => {
        while (!over.signal.aborted) {
          for (let burst = 0; burst < 3; burst += 1) await server.note("user/1", n++);
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const publishing = publish();
      const clients = await Promise.all(
        upTo(20).map(() => server.connect("1", { cursor: before })),
      );
      over.abort();
      await publishing;
      for (const client of clients) {
        await expect.poll(() => numbers(client.received).length).toBe(n);
        expect(numbers(client.received)).toEqual(upTo(n));
        await client[Symbol.asyncDispose]();
      }
    });

    it("carries any text: line breaks, quotes, other scripts, an escape sequence", async () => {
      await using server = await start();
      await using client = await server.connect("1");
      const text = 'a\r\nb\n\ndata: x\u2028"ñ" 書 👩‍🚀 \u001b[31m';
      await server.note("user/1", 1, text);
      expect((await client.next("note")).data.text).toBe(text);
    });

    it.each([0, 100, 200, 65_000, 70_000, 200_000])(
      "carries a message of %i bytes whole",
      async (bytes) => {
        await using server = await start();
        await using client = await server.connect("1");
        await server.note("user/1", 1, "x".repeat(bytes));
        await server.note("user/1", 2);
        expect((await client.next("note")).data.text).toHaveLength(bytes);
        await client.next("note");
      },
    );
  });

  describe("time", () => {
    it("sends a heartbeat with the head after 15 s of silence, and none to one that was written to", async () => {
      await using server = await start();
      await using client = await server.connect("1");
      await server.clock.advance(10_000);
      await server.note("user/1", 1);
      await client.next("note");
      await server.note("user/2", 2);
      await server.clock.advance(14_000);
      expect(client.received.map(({ type }) => type)).toEqual(["wire.hello", "note"]);
      await server.clock.advance(2_000);
      expect((await client.next("wire.heartbeat")).id).toBe(server.bus.head());
    });

    it("says that the token ends soon, then goodbye when it ends, and comes back with a fresh one", async () => {
      await using server = await start();
      const token = await server.token("1", { ttlMs: 120_000 });
      await using client = await server.connect("1", { token });
      await server.clock.advance(61_000);
      expect((await client.next("wire.expiring")).data.expires_at).toBe("2026-01-01T00:02:00.000Z");
      await server.clock.advance(60_000);
      expect((await client.next("wire.goodbye")).data).toMatchObject({
        reason: "expired",
        reconnect: true,
      });
      const code = await client.ended;
      if (isWebSocket) expect(code).toBe(4005);
      expect(server.gateway.connections.isUserConnected("1")).toBe(false);
      await using again = await server.connect("1", { cursor: client.cursor });
      expect(again.received[0]?.data.resume).toBe("recovered");
    });

    it("takes a fresh token in place, of the same user only, and tells nobody else's connections apart from none", async () => {
      await using server = await start();
      const token = await server.token("1", { ttlMs: 120_000 });
      await using client = await server.connect("1", { token });
      const id = client.received[0]?.data.connection_id as string;
      await expect(server.gateway.refresh(id, await server.token("2"))).rejects.toMatchObject({
        code: "not_found",
      });
      await expect(server.gateway.refresh("nope", await server.token("1"))).rejects.toMatchObject({
        code: "not_found",
      });
      await expect(server.gateway.refresh(id, "x.y.z")).rejects.toMatchObject({
        code: "token_invalid",
      });
      await expect(server.gateway.refresh(id, undefined)).rejects.toMatchObject({
        code: "token_missing",
      });
      await server.gateway.refresh(id, await server.token("1"));
      expect((await client.next("wire.refreshed")).data.expires_at).toBe(
        "2026-01-01T01:00:00.000Z",
      );
      await server.clock.advance(600_000);
      await server.note("user/1", 1);
      expect((await client.next("note")).data.n).toBe(1);
    });

    it("drops the topics that a fresh token no longer grants, and names them", async () => {
      await using server = await start();
      const token = await server.token("1", { topics: ["room/4"] });
      await using client = await server.connect("1", { token, topics: ["room/4"] });
      const id = client.received[0]?.data.connection_id as string;
      await server.gateway.refresh(id, await server.token("1"));
      expect((await client.next("wire.topics")).data).toEqual({
        topics: ["user/1", "all"],
        refused: ["room/4"],
      });
      await server.note("room/4", 1);
      await server.note("user/1", 2);
      expect((await client.next("note")).data.n).toBe(2);
    });

    it("gives up an old connection where the operator set an age, each at its own time", async () => {
      await using server = await start({ maxAgeMs: 600_000, random: () => 0.5 });
      await using client = await server.connect("1");
      await server.clock.advance(539_000);
      expect(client.received.some(({ type }) => type === "wire.goodbye")).toBe(false);
      await server.clock.advance(3_000);
      expect((await client.next("wire.goodbye")).data).toMatchObject({
        reason: "drain",
        reconnect: true,
      });
      await client.ended;
    });
  });

  describe("refusals", () => {
    const refusal = async (connecting: Promise<unknown>): Promise<Refused> => {
      const outcome = await connecting.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(outcome).toBeInstanceOf(Refused);
      return outcome as Refused;
    };

    it.each([
      ["no token", "", "token_missing", 401, 4501],
      ["a bad token", "a.b.c", "token_invalid", 401, 4501],
      ["a token of 100 kB", "x".repeat(100_000), "token_invalid", 401, 4501],
    ])("refuses %s", async (_, token, code, status, close) => {
      await using server = await start();
      // Node itself refuses a head of 100 kB.
      const given = token.length > 10_000 ? `${token.slice(0, 9_000)}.b.c` : token;
      const refused = await refusal(server.connect("1", { token: given }));
      expect(refused).toMatchObject(isWebSocket ? { code, close } : { code, status });
      expect(refused.message).not.toContain("xxx");
      expect(server.gateway.connections.counts.total).toBe(0);
    });

    it("refuses a token that has ended, with a code that asks for a fresh one", async () => {
      await using server = await start();
      const token = await server.token("1", { ttlMs: 1_000 });
      await server.clock.advance(10_000);
      const refused = await refusal(server.connect("1", { token }));
      expect(refused).toMatchObject(
        isWebSocket
          ? { code: "token_expired", close: 4005 }
          : { code: "token_expired", status: 401 },
      );
    });

    it.each([["user/2"], ["book/2"], ["room/9"]])(
      "refuses %s, which is another's",
      async (topic) => {
        await using server = await start();
        const refused = await refusal(server.connect("1", { topics: [topic] }));
        expect(refused).toMatchObject(
          isWebSocket
            ? { code: "topic_forbidden", close: 4503 }
            : { code: "topic_forbidden", status: 403 },
        );
        expect(server.bus.stats().subscriptions).toBe(0);
      },
    );

    it.each([
      ["Book/1"],
      ["book/1\nx"],
      ["*"],
      ["book/"],
      [Array.from({ length: 120 }, (_, n) => `book/${n}`).join(",")],
    ])("refuses %j, which is no list of topics", async (topics) => {
      await using server = await start();
      const refused = await refusal(server.connect("1", { topics: [topics] }));
      expect(refused).toMatchObject(
        isWebSocket ? { code: "bad_request", close: 4500 } : { code: "bad_request", status: 400 },
      );
    });

    it("refuses one too many of a user, and leaves the others", async () => {
      await using server = await start({ maxConnectionsPerUser: 2 });
      await using one = await server.connect("1");
      await using two = await server.connect("1");
      const refused = await refusal(server.connect("1"));
      expect(refused).toMatchObject(
        isWebSocket
          ? { code: "too_many_connections", close: 4013 }
          : { code: "too_many_connections", status: 429 },
      );
      await using other = await server.connect("2");
      await server.note("all", 1);
      for (const client of [one, two, other]) await client.next("note");
      two.close();
      await expect.poll(() => server.gateway.connections.of("1").length).toBe(1);
      await using again = await server.connect("1");
      expect(again.received[0]?.type).toBe("wire.hello");
    });

    it("replaces the oldest of a user where the operator says so", async () => {
      await using server = await start({ maxConnectionsPerUser: 2, onUserLimit: "replace_oldest" });
      await using one = await server.connect("1");
      await using two = await server.connect("1");
      await using three = await server.connect("1");
      expect((await one.next("wire.goodbye")).data).toMatchObject({
        reason: "replaced",
        reconnect: false,
      });
      const code = await one.ended;
      if (isWebSocket) expect(code).toBe(4504);
      else expect(one.retryMs).toBeGreaterThan(86_400_000);
      await server.note("user/1", 1);
      for (const client of [two, three]) await client.next("note");
      expect(server.gateway.connections.counts).toMatchObject({ total: 2, users: 1 });
    });

    it("holds against a thousand connections of one user", async () => {
      await using server = await start({ maxConnectionsPerUser: 5 });
      const token = await server.token("1");
      const open: AsyncDisposable[] = [];
      let refused = 0;
      for (let round = 0; round < 20; round += 1) {
        await Promise.all(
          upTo(50).map(() =>
            server.connect("1", { token }).then(
              (client) => open.push(client),
              () => (refused += 1),
            ),
          ),
        );
      }
      expect(open).toHaveLength(5);
      expect(refused).toBe(995);
      expect(server.gateway.connections.counts).toMatchObject({ total: 5, users: 1 });
      for (const client of open) await client[Symbol.asyncDispose]();
    });

    it("refuses at the cap of all", async () => {
      await using server = await start({ maxConnections: 1 });
      await using one = await server.connect("1");
      const refused = await refusal(server.connect("2"));
      expect(refused.code).toBe("too_many_connections");
      expect(one.received).toHaveLength(1);
    });
  });

  describe("the registry", () => {
    it("knows who is connected, tells who comes and goes, and forgets", async () => {
      await using server = await start();
      const told: string[] = [];
      server.gateway.connections.onOpen(({ userId }) => {
        told.push(`open ${userId}`);
        throw new Error("a listener that throws");
      });
      const stop = server.gateway.connections.onClose(({ userId }, reason) =>
        told.push(`close ${userId} ${reason}`),
      );
      await using one = await server.connect("1");
      await using two = await server.connect("2");
      expect(server.gateway.connections.isUserConnected("1")).toBe(true);
      expect(server.gateway.connections.isUserConnected("3")).toBe(false);
      expect(server.gateway.connections.counts).toMatchObject({ total: 2, users: 2 });
      one.close();
      await expect.poll(() => told).toEqual(["open 1", "open 2", "close 1 client"]);
      expect(server.gateway.connections.isUserConnected("1")).toBe(false);
      stop();
      two.close();
      await expect.poll(() => server.bus.stats().subscriptions).toBe(0);
      expect(told).toHaveLength(3);
    });

    it("is not harmed by a logger that throws", async () => {
      await using server = await start({
        onEvent: () => {
          throw new Error("a logger that throws");
        },
      });
      await using client = await server.connect("1");
      await server.note("user/1", 1);
      await client.next("note");
      client.close();
      await expect.poll(() => server.bus.stats().subscriptions).toBe(0);
      expect(server.gateway.connections.counts).toMatchObject({ total: 0, users: 0 });
    });

    it("kicks a user out of all connections, for good", async () => {
      await using server = await start();
      await using one = await server.connect("1");
      await using two = await server.connect("1");
      await using other = await server.connect("2");
      expect(server.gateway.connections.kick("1")).toBe(2);
      for (const client of [one, two]) {
        expect((await client.next("wire.goodbye")).data).toMatchObject({
          reason: "revoked",
          reconnect: false,
        });
        const code = await client.ended;
        if (isWebSocket) expect(code).toBe(4501);
      }
      await server.note("all", 1);
      await other.next("note");
      expect(server.gateway.connections.kick("1")).toBe(0);
    });

    it("ends the connections of a revoked token, also where a refresh brought it", async () => {
      await using server = await start();
      const [bad, good] = [await server.token("1"), await server.token("1")];
      await using one = await server.connect("1", { token: bad });
      await using two = await server.connect("1", { token: good });
      await using three = await server.connect("1", { token: good });
      await server.gateway.refresh(three.received[0]?.data.connection_id, bad);
      await three.next("wire.refreshed");
      expect(server.gateway.connections.revoke(jtiOf(bad))).toBe(2);
      await Promise.all([one.ended, three.ended]);
      await server.note("user/1", 1);
      await two.next("note");
    });

    it("lets nobody in, and renews nobody, whose token is revoked while the topics are being looked at", async () => {
      const asked: (() => void)[] = [];
      let isSlow = false;
      await using server = await start({
        canSubscribe: async () => {
          if (isSlow) await new Promise<void>((resolve) => asked.push(resolve));
          return true;
        },
      });
      const answerAll = () => {
        isSlow = false;
        for (const answer of asked.splice(0)) answer();
      };
      const good = await server.token("1");
      const late = await server.token("1");
      const fresh = await server.token("1");
      await using one = await server.connect("1", { token: good });

      isSlow = true;
      const entering = server.connect("1", { token: late }).catch((error: unknown) => error);
      await expect.poll(() => asked.length).toBe(1);
      server.gateway.connections.revoke(jtiOf(late));
      answerAll();
      expect(await entering).toMatchObject({ code: "token_invalid" });

      isSlow = true;
      const renewing = server.gateway.refresh(one.received[0]?.data.connection_id, fresh);
      const refused = expect(renewing).rejects.toMatchObject({ code: "token_invalid" });
      await expect.poll(() => asked.length).toBe(1);
      server.gateway.connections.revoke(jtiOf(fresh));
      answerAll();
      await refused;
      // It keeps what its own token gives it.
      await server.note("user/1", 1);
      await one.next("note");
      expect(server.gateway.connections.of("1")).toHaveLength(1);
    });
  });

  describe("drain", () => {
    it("tells each its own time within the window, after what was published, and refuses new ones", async () => {
      await using server = await start({ realClock: true, drainMs: 10_000 });
      const clients = await Promise.all(upTo(20).map((n) => server.connect(`${n}`)));
      await server.note("all", 1);
      await server.gateway.drain();
      const waits: number[] = [];
      for (const client of clients) {
        await client.next("note");
        const { data } = await client.next("wire.goodbye");
        expect(data).toMatchObject({ reason: "drain", reconnect: true });
        waits.push(data.reconnect_ms as number);
        const code = await client.ended;
        if (isWebSocket) expect(code).toBe(4001);
        else expect(client.retryMs).toBe(data.reconnect_ms);
      }
      // Even: each twentieth of the window has one.
      expect(waits.map((ms) => Math.floor(ms / 500)).toSorted((a, b) => a - b)).toEqual(upTo(20));
      expect(server.gateway.isDraining).toBe(true);
      await expect(server.connect("1")).rejects.toMatchObject({ code: "draining" });
      expect(server.gateway.connections.counts.total).toBe(0);
    });
  });

  describe("a slow reader", () => {
    it("is let go with a word, resumes, and has lost nothing", async () => {
      await using server = await start({ maxOutboxBytes: 65_536 });
      await using slow = await server.connect("1");
      await using quick = await server.connect("1");
      slow.pause();
      const text = "x".repeat(10_000);
      let n = 0;
      while (server.gateway.stats().slow === 0 && n < 5_000) {
        await server.note("user/1", n++, text);
        if (n % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(server.gateway.stats().slow).toBe(1);
      expect(server.gateway.stats().queuedBytes).toBeLessThan(4_000_000);
      slow.resume();
      expect((await slow.next("wire.goodbye")).data).toMatchObject({
        reason: "slow",
        reconnect: true,
      });
      const code = await slow.ended;
      if (isWebSocket) expect(code).toBe(4008);
      await using again = await server.connect("1", { cursor: slow.cursor });
      await server.note("user/1", n);
      await expect
        .poll(() => numbers(slow.received).length + numbers(again.received).length, {
          timeout: 10_000,
        })
        .toBe(n + 1);
      expect([...numbers(slow.received), ...numbers(again.received)]).toEqual(upTo(n + 1));
      await expect.poll(() => numbers(quick.received).length, { timeout: 10_000 }).toBe(n + 1);
      expect(numbers(quick.received)).toEqual(upTo(n + 1));
    });

    it("gets the newest of what may be conflated, all of the text, and none of the ephemeral", async () => {
      await using server = await start({ maxOutboxBytes: 20_000 });
      await using client = await server.connect("1");
      client.pause();
      // Fills what the network itself holds, until the outbox has to work.
      let n = 0;
      while (server.gateway.stats().conflated === 0 && n < 200_000) {
        await server.bus.publish("user/1", "place", { key: "x".repeat(1_000), n: n++ });
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      let said = "";
      for (const piece of ["It ", "was ", "a ", "dark ", "night."]) {
        await server.bus.publish("user/1", "words", { offset: said.length, text: piece });
        said += piece;
      }
      for (let blink = 0; blink < 500; blink += 1)
        await server.bus.publish("user/1", "blink", { n: blink });
      await server.bus.publish("user/1", "place", { key: "x".repeat(1_000), n });
      client.resume();
      await expect
        .poll(() => client.received.findLast(({ type }) => type === "place")?.data.n, {
          timeout: 10_000,
        })
        .toBe(n);
      const words = client.received.filter(({ type }) => type === "words");
      expect(words.map(({ data }) => data.text).join("")).toBe(said);
      expect(client.received.filter(({ type }) => type === "place").length).toBeLessThan(n);
      expect(server.gateway.stats().shed).toBeGreaterThan(0);
      expect(server.gateway.stats().slow).toBe(0);
    });

    it("is found out when it takes nothing for two heartbeats, and everything of its is freed", async () => {
      await using server = await start();
      await using client = await server.connect("1");
      client.pause();
      const text = "x".repeat(100_000);
      while (server.gateway.stats().queuedBytes < 200_000) {
        await server.note("user/1", 0, text);
        await new Promise((resolve) => setImmediate(resolve));
      }
      // On a busy machine the system may still be taking some of it, which is a sign of life.
      for (let before = -1; before !== server.gateway.stats().queuedBytes;) {
        before = server.gateway.stats().queuedBytes;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await server.clock.advance(14_000);
      expect(server.gateway.connections.counts.total).toBe(1);
      await server.clock.advance(32_000);
      expect(server.gateway.connections.counts.total).toBe(0);
      expect(server.gateway.stats()).toMatchObject({ silent: 1, queuedBytes: 0 });
      expect(server.bus.stats().subscriptions).toBe(0);
    });
  });
}
