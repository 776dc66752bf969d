import { expect, it } from "vitest";
import { createBus, createMemoryHistory } from "../../src/index.js";
import { bookMessages, isInkwireError, type Topic } from "../../src/protocol/index.js";

const update = (progress: number, status: "processing" | "completed" = "processing") => ({
  book_id: 7,
  task_id: "t1",
  status,
  progress,
  message: "Writing",
});
const text = (offset: number, piece: string) => ({
  book_id: 7,
  chapter: 1,
  offset,
  text: piece,
  done: false,
});

it("gives a subscriber what is published after it subscribed, in order and frozen", async () => {
  await using bus = createBus({ messages: bookMessages });
  await bus.publish("user/42", "book_generation_update", update(1));
  const subscription = bus.subscribe(["user/42"]);
  await bus.publish("user/42", "book_generation_update", update(2));
  await bus.publish("user/43", "book_generation_update", update(3));
  await bus.publish("all", "system_notification", { title: "Hello", message: "World" });
  await bus.publish("user/42", "book_generation_update", update(4, "completed"));
  const seen: unknown[] = [];
  for await (const message of subscription) {
    expect(Object.isFrozen(message) && Object.isFrozen(message.data)).toBe(true);
    if (message.type === "book_generation_update") seen.push(message.data.progress);
    if (seen.length === 2) break;
  }
  expect(seen).toEqual([2, 4]);
});

it("leaves the publisher its own object, and takes no later change of it", async () => {
  await using bus = createBus({ messages: bookMessages });
  const error = { code: "rate_limited", message: "Busy", retryable: true };
  const data = { ...update(3), error, unknown: { field: true } };
  const message = await bus.publish("user/42", "book_generation_update", data);
  expect(message.data).toEqual({ ...update(3), error });
  expect(Object.isFrozen(message.data.error)).toBe(true);
  expect([data, error, data.unknown].some((given) => Object.isFrozen(given))).toBe(false);
  error.code = "changed";
  const { envelopes } = await bus.replay(["user/42"], `${bus.epoch}.0`);
  expect(envelopes[0]?.message).toEqual(message);
  expect(JSON.parse(envelopes[0]?.json ?? "")).toEqual(message);
});

it("writes whole JSON whatever a catalog calls its types", async () => {
  const definition = bookMessages.notification;
  await using bus = createBus({ messages: { 'a"b\\': definition } });
  const { id } = await bus.publish("all", 'a"b\\', {
    id: "n",
    title: "T",
    message: "",
    type: "info",
  });
  const { envelopes } = await bus.replay(["all"], `${bus.epoch}.0`);
  expect(JSON.parse(envelopes[0]?.json ?? "")).toMatchObject({ id, type: 'a"b\\', topic: "all" });
});

it("replays after a cursor and goes live without a seam", async () => {
  await using bus = createBus({ messages: bookMessages });
  const first = await bus.publish("user/42", "notification", {
    id: "a",
    title: "A",
    message: "",
    type: "info",
  });
  await bus.publish("user/42", "notification", { id: "b", title: "B", message: "", type: "info" });
  const subscription = bus.subscribe(["user/42"], { after: first.id });
  // Published before the replay has been read: it must come once, after what is replayed.
  const live = bus.publish("user/42", "notification", {
    id: "c",
    title: "C",
    message: "",
    type: "info",
  });
  const ids: string[] = [];
  for await (const message of subscription) {
    if (message.type === "notification") ids.push(message.data.id);
    if (ids.length === 2) break;
  }
  await live;
  expect(ids).toEqual(["b", "c"]);
  expect((await subscription.resumed).verdict).toBe("recovered");
});

it("names the topics that have a gap, and no others", async () => {
  const history = createMemoryHistory({ maxMessages: 2, epoch: "e" });
  await using bus = createBus({ messages: bookMessages, history });
  for (const topic of ["user/1", "user/2", "user/2", "user/2"] as Topic[]) {
    await bus.publish(topic, "notification", { id: "a", title: "A", message: "", type: "info" });
  }
  expect(await bus.replay(["user/1", "user/2"], "e.0")).toMatchObject({
    verdict: "gap",
    gaps: ["user/1", "user/2"],
  });
  expect(await bus.replay(["user/1"], "e.1")).toMatchObject({ verdict: "recovered", gaps: [] });
  expect(await bus.replay(["user/2"], "e.2")).toMatchObject({ verdict: "recovered", gaps: [] });
  expect(await bus.replay(["user/2"], "e.1")).toMatchObject({ verdict: "gap", gaps: ["user/2"] });
});

it.each([
  "",
  "e.99",
  "other.1",
  "e.-1",
  "e.1.2",
  "e.01",
  "e.1e3",
  " e.1",
  "\0",
  "e.9007199254740993",
  "x".repeat(100),
])("answers the cursor %j with a reset", async (cursor) => {
  await using bus = createBus({
    messages: bookMessages,
    history: createMemoryHistory({ epoch: "e" }),
  });
  expect((await bus.replay(["all"], cursor)).verdict).toBe("reset");
});

it("ends a reader that is too slow for durable messages, and no other", async () => {
  await using bus = createBus({ messages: bookMessages });
  const slow = bus.subscribe(["all"], { maxOutboxBytes: 1024 });
  const fast = bus.subscribe(["all"]);
  for (let index = 0; index < 20; index += 1) {
    await bus.publish("all", "system_notification", { title: "T", message: "x".repeat(100) });
  }
  const error = await (async () => {
    for await (const _ of slow);
  })().catch((thrown: unknown) => thrown);
  expect(isInkwireError(error, "slow_consumer")).toBe(true);
  let count = 0;
  for await (const _ of fast) if ((count += 1) === 20) break;
  expect(count).toBe(20);
});

it("conflates progress and merges text for a reader that is behind", async () => {
  await using bus = createBus({ messages: bookMessages });
  const slow = bus.subscribe(["user/42", "book/7"], { maxOutboxBytes: 2048 });
  await slow.resumed;
  let whole = "";
  for (let index = 0; index <= 100; index += 1) {
    await bus.publish("user/42", "book_generation_update", update(index));
    const piece = `${index} `;
    await bus.publish("book/7", "chapter_text", text(whole.length, piece));
    whole += piece;
  }
  await bus.publish("user/42", "book_generation_update", update(100, "completed"));
  let read = "";
  let last = -1;
  for await (const message of slow) {
    if (message.type === "chapter_text") {
      expect(message.data.offset).toBe(read.length);
      read += message.data.text;
    } else if (message.type === "book_generation_update") {
      expect(message.data.progress).toBeGreaterThanOrEqual(last);
      last = message.data.progress;
      if (message.data.status === "completed") break;
    }
  }
  expect(read).toBe(whole);
});

it("refuses what does not fit, and takes no number for it", async () => {
  await using bus = createBus({ messages: bookMessages, maxMessageBytes: 1000 });
  const head = bus.head();
  const publish = bus.publish.bind(bus) as unknown as (
    topic: string,
    type: string,
    data: unknown,
  ) => Promise<unknown>;
  const good = { id: "a", title: "A", message: "", type: "info" };
  for (const [topic, type, data] of [
    ["user/42", "nonsense", good],
    ["user/42", "toString", good],
    ["user/42", "wire.hello", good],
    ["user/42\n", "notification", good],
    ["user", "notification", good],
    ["user/42", "notification", { ...good, type: "fatal" }],
    ["user/42", "notification", null],
    ["user/42", "notification", { ...good, message: "x".repeat(1500) }],
    ["user/42", "book_generation_update", update(101)],
    ["user/42", "book_generation_update", update(Number.NaN)],
  ] as const) {
    const error = await publish(topic, type, data).catch((thrown: unknown) => thrown);
    expect(isInkwireError(error, "invalid_message"), `${topic} ${type}`).toBe(true);
  }
  expect(bus.head()).toBe(head);
});

it("ends every subscription when it closes, and refuses what comes after", async () => {
  const bus = createBus({ messages: bookMessages });
  const subscription = bus.subscribe(["all"]);
  const ended = (async () => {
    for await (const _ of subscription);
    return "ended";
  })();
  await bus.close();
  await bus.close();
  expect(await ended).toBe("ended");
  expect(() => bus.subscribe(["all"])).toThrow("closed");
  await expect(
    bus.publish("all", "system_notification", { title: "T", message: "" }),
  ).rejects.toThrow("closed");
});
