import { createTokenIssuer } from "@inkwire/core";
import { createInkwire, type Inkwire, type InkwireOptions } from "@inkwire/core/server";
import { expect, it } from "vitest";
import { createClient, type Client, type ClientOptions } from "../src/index.js";
import { collect, range, reaches, until } from "./support/harness.js";

const secret = "a secret of the tests, which is long enough";
const issuer = createTokenIssuer({ secret });

async function serve(
  port = 0,
  options: Partial<InkwireOptions> = {},
): Promise<{ inkwire: Inkwire; url: string }> {
  const inkwire = await createInkwire({
    auth: { secret },
    rateLimits: null,
    welcome: null,
    ...options,
  });
  const { url } = await inkwire.listen({ port });
  return { inkwire, url };
}

function connect(url: string, options: Partial<ClientOptions> = {}): Client {
  const client = createClient({
    url,
    token: () => issuer.issue({ userId: "ada" }),
    backoff: { baseMs: 20, capMs: 100 },
    onProblem: () => undefined,
    ...options,
  });
  client.connect();
  return client;
}

async function tell(inkwire: Inkwire, from: number, to: number, userId = "ada"): Promise<void> {
  for (const n of range(from, to)) {
    await inkwire.bus.publish(`user/${userId}`, "notification", {
      id: String(n),
      title: "t",
      message: "m",
      type: "info",
    });
  }
}

it.each(["sse", "websocket"] as const)(
  "hears from a real server what is its own and nothing else, and resumes there, over %s",
  async (transport) => {
    const { inkwire, url } = await serve();
    await using client = connect(url, { transport });
    const numbers = collect(client);
    await reaches(client, "live");
    await tell(inkwire, 1, 5);
    await tell(inkwire, 100, 110, "bob");
    await until(() => numbers.length === 5);
    client.close();
    await until(() => !inkwire.connections.isUserConnected("ada"));
    await tell(inkwire, 6, 9);
    client.connect();
    await until(() => numbers.length === 9);
    expect(numbers).toEqual(range(1, 9));
    await inkwire.close();
  },
);

it.each(["sse", "websocket"] as const)(
  "is told of the reset when the server came back without its history, over %s",
  async (transport) => {
    const first = await serve();
    await using client = connect(first.url, { transport });
    const numbers = collect(client);
    const gaps: string[] = [];
    client.onGap(({ kind }) => gaps.push(kind));
    await reaches(client, "live");
    await tell(first.inkwire, 1, 3);
    await until(() => numbers.length === 3);
    await first.inkwire.close();
    await until(() => client.state.get().status !== "live");
    const second = await serve(Number(new URL(first.url).port));
    await until(() => gaps.length === 1);
    await tell(second.inkwire, 4, 4);
    await until(() => numbers.length === 4);
    expect(numbers).toEqual([1, 2, 3, 4]);
    expect(gaps).toEqual(["reset"]);
    await second.inkwire.close();
  },
);

it.each(["sse", "websocket"] as const)(
  "keeps one connection over the end of its token, by refreshing it in place, over %s",
  async (transport) => {
    const { inkwire, url } = await serve(0, { connections: { expiringLeadMs: 4_000 } });
    let asked = 0;
    await using client = connect(url, {
      transport,
      token: ({ refresh }) => {
        asked += 1;
        return issuer.issue({ userId: "ada", ttlMs: refresh ? 60_000 : 6_000 });
      },
    });
    await reaches(client, "live");
    await until(() => asked === 2);
    // Past the end of the first one.
    await new Promise((done) => setTimeout(done, 6_500));
    expect(client.state.get().status).toBe("live");
    expect(client.counts.connections).toBe(1);
    await inkwire.close();
  },
);

it.each(["sse", "websocket"] as const)(
  "gets in with a fresh token when the first is of no use, and never without one, over %s",
  async (transport) => {
    const { inkwire, url } = await serve();
    const asked: boolean[] = [];
    await using client = connect(url, {
      transport,
      token: ({ refresh }) => {
        asked.push(refresh);
        return refresh
          ? issuer.issue({ userId: "ada" })
          : createTokenIssuer({ secret: `${secret}!` }).issue({ userId: "ada" });
      },
    });
    await reaches(client, "live");
    expect(asked).toEqual([false, true]);
    await using stranger = connect(url, { transport, token: "not.a.token" });
    await reaches(stranger, "unauthorized");
    await inkwire.close();
  },
);

it.each(["sse", "websocket"] as const)(
  "adds a topic while it is connected, and says which it may not have, over %s",
  async (transport) => {
    const { inkwire, url } = await serve(0, {
      canSubscribe: (_identity, topic) =>
        topic === "book/7" || (topic.startsWith("book/") ? false : undefined),
    });
    const problems: string[] = [];
    await using client = connect(url, {
      transport,
      onProblem: ({ message }) => problems.push(message),
    });
    const seen: string[] = [];
    client.on("chapter_text", ({ data }) => seen.push(data.text));
    await reaches(client, "live");
    client.subscribe(["book/7"]);
    const say = (): Promise<unknown> =>
      inkwire.bus.publish("book/7", "chapter_text", {
        book_id: 7,
        chapter: 1,
        offset: 0,
        text: "The tide",
        done: false,
      });
    await until(() => {
      void say();
      return seen.length > 0;
    });
    client.subscribe(["book/8"]);
    if (transport === "sse") {
      await reaches(client, "closed");
      expect(client.state.get().error?.code).toBe("topic_forbidden");
    } else {
      await until(() => problems.some((message) => message.includes("book/8")));
      expect(client.state.get().status).toBe("live");
    }
    await inkwire.close();
  },
);

it("is told by a draining server when to come back", async () => {
  const { inkwire, url } = await serve(0, { connections: { drainMs: 1_000 } });
  await using client = connect(url);
  await reaches(client, "live");
  const drained = inkwire.drain();
  await until(() => client.state.get().error?.code === "draining");
  await drained;
  await inkwire.close();
});

it("asks the API with the token, and once more with a fresh one", async () => {
  const { inkwire, url } = await serve();
  const asked: boolean[] = [];
  const client = createClient({
    url,
    token: ({ refresh }) => {
      asked.push(refresh);
      return refresh ? issuer.issue({ userId: "ada" }) : "a.bad.token";
    },
  });
  const response = await client.request("/api/notifications");
  expect(response.status).toBe(200);
  expect(asked).toEqual([false, true]);
  await expect(client.request("https://elsewhere.invalid/")).rejects.toMatchObject({
    code: "invalid_option",
  });
  await expect(client.request("/../../up")).resolves.toMatchObject({ status: 404 });
  await inkwire.close();
  await expect(client.request("/api/notifications")).rejects.toMatchObject({
    code: "server_unreachable",
  });
});
