import { describe, expect, it } from "vitest";
import { createFakeToken } from "../src/testing/index.js";
import { collect, publish, range, reaches, start, until } from "./support/harness.js";

describe.each(["sse", "websocket", "auto"] as const)("over %s", (transport) => {
  it("is idle until it is told to connect, and then hands out what is published", async () => {
    await using run = await start({}, { transport });
    const numbers = collect(run.client);
    expect(run.client.state.get().status).toBe("idle");
    expect(run.server.requests).toHaveLength(0);
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 3);
    await until(() => numbers.length === 3);
    expect(numbers).toEqual([1, 2, 3]);
    expect(run.client.userId).toBe("1");
    expect(run.client.cursor).toBe("e1.3");
  });

  it("resumes after a cut where it was, without loss and without a second time", async () => {
    await using run = await start({}, { transport });
    const numbers = collect(run.client);
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 2);
    await until(() => numbers.length === 2);
    run.server.cut();
    publish(run.server, 3, 5);
    await until(() => numbers.length === 5);
    publish(run.server, 6, 6);
    await until(() => numbers.length === 6);
    expect(numbers).toEqual(range(1, 6));
    expect(run.client.counts).toMatchObject({ delivered: 6, duplicates: 0, connections: 2 });
    expect(run.server.requests.at(-1)?.cursor).toBe("e1.2");
  });

  it("names the topics of which something is gone", async () => {
    await using run = await start({ maxHistory: 2 }, { transport });
    const numbers = collect(run.client);
    const gaps: unknown[] = [];
    run.client.onGap((gap) => gaps.push(gap));
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 1);
    await until(() => numbers.length === 1);
    run.server.refuse = () => ({ status: 503 });
    run.server.cut();
    publish(run.server, 2, 5);
    run.server.refuse = undefined;
    await until(() => numbers.length === 3);
    expect(numbers).toEqual([1, 4, 5]);
    expect(gaps).toEqual([{ kind: "gap", topics: ["user/1"] }]);
  });

  it("says which topics are in effect, each when it begins", async () => {
    await using run = await start({}, { transport, topics: ["book/7"] });
    const joined: string[] = [];
    run.client.onJoin((topics) => joined.push(topics.join()));
    run.client.connect();
    await reaches(run.client, "live");
    expect(joined).toEqual(["all,user/1,book/7"]);
    const stop = run.client.subscribe(["book/8"]);
    await until(() => joined.length === 2);
    run.server.cut();
    await until(() => run.client.counts.connections > 1);
    await reaches(run.client, "live");
    stop();
    run.client.subscribe(["book/9"]);
    await until(() => joined.length === 3);
    expect(joined.slice(1)).toEqual(["book/8", "book/9"]);
  });

  it("says that all is gone when the history is another one, and goes on with that", async () => {
    await using run = await start({}, { transport, topics: ["book/7"] });
    const numbers = collect(run.client);
    const gaps: unknown[] = [];
    run.client.onGap((gap) => gaps.push(gap));
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 9);
    await until(() => numbers.length === 9);
    run.server.forget();
    run.server.cut();
    await until(() => gaps.length === 1);
    expect(gaps).toEqual([{ kind: "reset", topics: ["all", "user/1", "book/7"] }]);
    // Its number is smaller than the last one of the old history.
    publish(run.server, 10, 10);
    await until(() => numbers.length === 10);
    expect(run.client.cursor).toBe("e2.1");
  });

  it("adds and removes topics while it is connected, and loses nothing by that", async () => {
    await using run = await start({}, { transport });
    const seen: string[] = [];
    run.client.on("*", ({ topic, id }) => seen.push(`${topic} ${id}`));
    run.client.connect();
    await reaches(run.client, "live");
    const book = (): void => void run.server.publish("book/7", "chapter_text", {});
    book();
    const stop = run.client.subscribe(["book/7"]);
    const stopSame = run.client.subscribe(["book/7"]);
    await until(
      () =>
        run.server.requests.some(({ topics }) => topics.length > 0) || transport === "websocket",
    );
    await new Promise((done) => setTimeout(done, 50));
    await reaches(run.client, "live");
    book();
    await until(() => seen.includes("book/7 e1.2"));
    stop();
    stop();
    book();
    await until(() => seen.includes("book/7 e1.3"));
    stopSame();
    await new Promise((done) => setTimeout(done, 50));
    await reaches(run.client, "live");
    book();
    run.server.publish("all", "system_notification", {});
    await until(() => seen.includes("all e1.5"));
    expect(seen.filter((line) => line.endsWith("e1.4"))).toEqual([]);
  });

  it("closes and opens again where it was", async () => {
    await using run = await start({}, { transport });
    const numbers = collect(run.client);
    run.client.connect();
    await reaches(run.client, "live");
    publish(run.server, 1, 1);
    await until(() => numbers.length === 1);
    run.client.close();
    run.client.close();
    expect(run.client.state.get()).toMatchObject({ status: "closed", error: undefined });
    await until(() => run.server.connections === 0);
    publish(run.server, 2, 3);
    run.client.connect();
    await until(() => numbers.length === 3);
    expect(numbers).toEqual([1, 2, 3]);
  });
});

it("gives each user a cursor of their own, and tells the handlers that the user is another one", async () => {
  let user = "1";
  await using run = await start({}, { token: () => createFakeToken(user) });
  const gaps: unknown[] = [];
  run.client.onGap((gap) => gaps.push(gap));
  run.client.connect();
  await reaches(run.client, "live");
  publish(run.server, 1, 2);
  await until(() => run.client.cursor === "e1.2");
  user = "2";
  run.server.cut();
  await until(() => run.server.requests.length === 2 && run.client.state.get().status === "live");
  expect(run.server.requests[1]).toMatchObject({ cursor: undefined });
  expect(gaps).toEqual([{ kind: "reset", topics: ["all", "user/2"] }]);
  user = "1";
  run.server.cut();
  await until(() => run.server.requests.length === 3);
  expect(run.server.requests[2]).toMatchObject({ cursor: "e1.2" });
});

it("changes the connection at once when a request finds out that the user is another one", async () => {
  let user = "1";
  await using run = await start({}, { token: () => createFakeToken(user) });
  run.client.connect();
  await reaches(run.client, "live");
  user = "2";
  await run.client.request("/api/books");
  await until(
    () => run.server.requests.filter(({ transport }) => transport === "sse").length === 2,
  );
  expect(run.server.requests.at(-1)?.token).toBe(createFakeToken("2"));
});

it("resumes after a reload from a storage, for the same user alone", async () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  await using first = await start({}, { storage });
  first.client.connect();
  await reaches(first.client, "live");
  publish(first.server, 1, 2);
  await until(() => first.client.cursor === "e1.2");
  first.client.close();
  const url = first.server.url;
  const reload = async (user: string): Promise<string | undefined> => {
    await using again = await start({}, { url, storage, token: createFakeToken(user) });
    again.client.connect();
    await reaches(again.client, "live");
    return first.server.requests.at(-1)?.cursor;
  };
  expect(await reload("1")).toBe("e1.2");
  expect(await reload("2")).toBeUndefined();
});

it("survives a storage that throws", async () => {
  const broken = (): never => {
    throw new Error("QuotaExceededError");
  };
  const storage = { getItem: broken, setItem: broken, removeItem: broken };
  await using run = await start({}, { storage });
  const numbers = collect(run.client);
  run.client.connect();
  await reaches(run.client, "live");
  publish(run.server, 1, 2);
  await until(() => numbers.length === 2);
  run.client.close();
  expect(run.problems).toEqual([]);
});
