import { expect, it, vi } from "vitest";
import { createMockClient, createVirtualClock } from "../../src/testing/index.js";

const note = (id: number) => ({ id: String(id), title: "t", message: "m", type: "info" }) as const;

it("gives an iterator what comes after the call, also before the first read, in order", async () => {
  const client = createMockClient();
  client.emit("notification", note(0));
  const messages = client.messages({ types: ["notification"] });
  client.emit("notification", note(1));
  client.emit("inbox_update", { unread: 1 });
  client.emit("notification", note(2));
  expect((await messages.next()).value).toMatchObject({ data: { id: "1" } });
  expect((await messages.next()).value).toMatchObject({ data: { id: "2" } });
  const pending = messages.next();
  client.emit("notification", note(3));
  expect((await pending).value).toMatchObject({ data: { id: "3" } });
});

it("ends an iterator by `return`, also while a read is pending and before the first one", async () => {
  const client = createMockClient();
  const messages = client.messages();
  const pending = messages.next();
  await messages.return?.();
  expect(await pending).toEqual({ value: undefined, done: true });
  const unread = client.messages();
  await unread.return?.();
  client.emit("notification", note(1));
  expect(client.counts).toMatchObject({ delivered: 0, unknown: 1 });
});

it("ends an iterator when its signal aborts, and when the client closes", async () => {
  const client = createMockClient();
  const stop = new AbortController();
  const aborted = client.messages({ signal: stop.signal });
  const closed = client.messages();
  const reads = [aborted.next(), closed.next()];
  stop.abort();
  client.close();
  expect(await Promise.all(reads)).toEqual([
    { value: undefined, done: true },
    { value: undefined, done: true },
  ]);
  expect(await client.messages({ signal: AbortSignal.abort() }).next()).toMatchObject({
    done: true,
  });
});

it("tells a reader that is too slow, after what it had room for", async () => {
  const client = createMockClient();
  const messages = client.messages({ maxBuffered: 2 });
  for (let n = 1; n <= 5; n += 1) client.emit("notification", note(n));
  const ids: string[] = [];
  await expect(
    (async () => {
      for await (const { id } of messages) ids.push(id);
    })(),
  ).rejects.toMatchObject({ code: "slow_consumer" });
  expect(ids).toEqual(["mock.1", "mock.2"]);
});

it("waits for one message, no longer than its signal and the client allow", async () => {
  const client = createMockClient();
  const next = client.once("notification");
  client.emit("inbox_update", { unread: 1 });
  client.emit("notification", note(1));
  client.emit("notification", note(2));
  expect((await next).data.id).toBe("1");
  const stop = new AbortController();
  const reason = new Error("mine");
  const aborted = client.once("notification", { signal: stop.signal });
  stop.abort(reason);
  await expect(aborted).rejects.toMatchObject({ code: "aborted", cause: reason });
  await expect(client.once("notification", { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "aborted",
  });
  const closed = client.once("notification");
  client.close();
  await expect(closed).rejects.toMatchObject({ code: "closed" });
  client.connect();
  // None of them listens any more.
  client.emit("notification", note(3));
  expect(client.counts).toMatchObject({ delivered: 1, unknown: 3 });
});

it("does not call a handler that was removed in the same round, and calls one that was added from the next on", () => {
  const client = createMockClient();
  const late = vi.fn();
  const removed = vi.fn();
  let stop = (): void => undefined;
  client.on("notification", () => {
    stop();
    client.on("notification", late);
  });
  stop = client.on("notification", removed);
  client.emit("notification", note(1));
  expect([late.mock.calls.length, removed.mock.calls.length]).toEqual([0, 0]);
  client.emit("notification", note(2));
  expect(late).toHaveBeenCalledTimes(1);
});

it("mocks what a program looks at: topics, requests, gaps, state", async () => {
  const client = createMockClient({ userId: "ada", respond: () => Response.json({ ok: true }) });
  const gaps: unknown[] = [];
  client.onGap((gap) => gaps.push(gap));
  const seen: string[] = [];
  client.on("*", ({ topic }) => seen.push(topic));
  const stop = client.subscribe(["book/7", "book/3"]);
  expect(client.topics).toEqual(["book/3", "book/7"]);
  client.emit("notification", note(1), { topic: "book/7" });
  stop();
  client.emit("notification", note(2), { topic: "book/7" });
  client.emit("notification", note(3));
  expect(seen).toEqual(["book/7", "user/ada"]);
  expect(await (await client.request("/api/books", { method: "POST" })).json()).toEqual({
    ok: true,
  });
  expect(client.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
    "POST /api/books",
  ]);
  client.gap({ kind: "reset", topics: ["all"] });
  expect(gaps).toEqual([{ kind: "reset", topics: ["all"] }]);
  client.connect();
  client.setState({ status: "waiting", retryAt: 5 });
  expect(client.state.get()).toMatchObject({ status: "waiting", retryAt: 5, transport: "sse" });
});

it("runs timers of virtual time in their order, and late ones after a sleep", async () => {
  const clock = createVirtualClock(0);
  const ran: string[] = [];
  clock.after(20, () => ran.push(`b ${clock.now()}`));
  clock.after(10, () => {
    ran.push(`a ${clock.now()}`);
    clock.after(5, () => ran.push(`a2 ${clock.now()}`));
  });
  const cancel = clock.after(15, () => ran.push("never"));
  cancel();
  await clock.advance(30);
  expect(ran).toEqual(["a 10", "a2 15", "b 20"]);
  clock.after(100, () => ran.push(`late ${clock.now()}`));
  await clock.sleep(1000);
  expect(ran.at(-1)).toBe("late 1030");
  expect([clock.now(), clock.pending]).toEqual([1030, 0]);
});
