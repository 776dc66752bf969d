import { expect, it } from "vitest";
import { createBus, createMemoryHistory, type Bus, type History } from "../../src/index.js";
import {
  append,
  defineMessage,
  defineMessages,
  durable,
  latest,
  type Catalog,
  type StandardSchema,
} from "../../src/protocol/index.js";

/** Lets everything through, so that what the bus itself refuses can be seen. */
const anything = schemaOf((value) => ({ value }));

const messages = defineMessages({
  note: defineMessage(anything, durable()),
  words: defineMessage(
    anything,
    append(
      () => "",
      (older, newer) =>
        newer.offset === older.offset + older.text.length
          ? { offset: older.offset, text: older.text + newer.text }
          : undefined,
    ),
  ),
});

// oxlint-disable-next-line typescript/no-explicit-any -- the tests pass values that no type allows
function schemaOf(validate: (value: unknown) => unknown): StandardSchema<any> {
  return { "~standard": { version: 1, vendor: "test", validate: validate as never } };
}

function slow(history: History, delay: () => Promise<unknown>): History {
  return {
    epoch: history.epoch,
    head: () => history.head(),
    append: (draft, seal) => history.append(draft, seal),
    listen: (listener) => history.listen(listener),
    replay: async (topics, after) => {
      await delay();
      return history.replay(topics, after);
    },
    stats: () => history.stats(),
    close: () => history.close(),
  };
}

async function refusal<C extends Catalog>(
  bus: Bus<C>,
  type: string,
  data: unknown,
): Promise<unknown> {
  return (bus as unknown as Bus<Catalog>).publish("all", type, data).then(
    () => "published",
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

const cycle: Record<string, unknown> = {};
cycle["self"] = cycle;

it.each([
  ["a bigint", { n: 1n }],
  ["data that contains itself", cycle],
  ["NaN", { n: Number.NaN }],
  ["Infinity", [Number.POSITIVE_INFINITY]],
  ["a Date", { when: new Date(0) }],
  ["a Map", { map: new Map() }],
  ["a function", { run: () => 1 }],
  ["a symbol", Symbol("s")],
  ["undefined", undefined],
  ["undefined in a list", [1, undefined]],
  ["a hole in a list", [1, , 2]], // oxlint-disable-line no-sparse-arrays -- the case under test
  ["a field named __proto__", JSON.parse('{"__proto__":{"admin":true}}')],
  [
    "a getter that throws",
    {
      get boom() {
        throw new Error("boom");
      },
    },
  ],
  ["toJSON", { toJSON: () => "other" }],
])("refuses %s as data, since a reader behind a wire would see something else", async (_, data) => {
  await using bus = createBus({ messages });
  const head = bus.head();
  expect(await refusal(bus, "note", data)).toBe("invalid_message");
  expect(bus.head()).toBe(head);
});

it("publishes the same to readers in this process and behind a wire", async () => {
  await using bus = createBus({ messages });
  const wire: string[] = [];
  bus.attach(["all"], (envelope) => wire.push(envelope.json));
  const data = {
    text: "lone \uD800 and \u2028",
    list: [1, null, { deep: [true] }],
    absent: undefined,
  };
  const message = await bus.publish("all", "note", data);
  expect(JSON.parse(wire[0] ?? "")).toEqual(message);
  expect(Object.keys(message.data)).toEqual(["text", "list"]);
});

it("freezes a copy, however the publisher made the data, and leaves the publisher's own alone", async () => {
  await using bus = createBus({ messages });
  const inner = { n: 1 };
  const data = Object.freeze({ inner });
  const message = await bus.publish("all", "note", data);
  inner.n = 2;
  expect(Object.isFrozen(inner)).toBe(false);
  expect(message.data).toEqual({ inner: { n: 1 } });
  expect(Object.isFrozen(message.data.inner)).toBe(true);
});

it("refuses what a definition's own functions can't handle, and takes no number for it", async () => {
  const fails = (): never => {
    throw new Error("broken");
  };
  await using bus = createBus({
    messages: defineMessages({
      throws: defineMessage(schemaOf(fails), durable()),
      waits: defineMessage(
        schemaOf(async () => ({ value: 1 })),
        durable(),
      ),
      rejects: defineMessage(
        schemaOf(() => Promise.reject(new Error("late"))),
        durable(),
      ),
      thenable: defineMessage(
        // oxlint-disable-next-line unicorn/no-thenable -- the case under test
        schemaOf(() => ({ then: () => undefined })),
        durable(),
      ),
      keyless: defineMessage(anything, latest(fails)),
    }) as Catalog,
  });
  const head = bus.head();
  for (const type of ["throws", "waits", "rejects", "thenable", "keyless"]) {
    expect(await refusal(bus, type, {}), type).toBe("invalid_message");
  }
  expect(bus.head()).toBe(head);
});

it("keeps the order for every reader when one publishes from inside its delivery", async () => {
  await using bus = createBus({ messages });
  const seen: number[] = [];
  bus.attach(["all"], ({ seq }) => {
    if (seq < 3) void bus.publish("all", "note", {});
  });
  bus.attach(["all"], ({ seq }) => void seen.push(seq));
  await bus.publish("all", "note", {});
  expect(seen).toEqual([1, 2, 3]);
});

it("delivers to all others when a reader throws, leaves, or brings in another meanwhile", async () => {
  await using bus = createBus({ messages });
  const seen: string[] = [];
  const attach = (name: string, more: () => void = () => undefined) =>
    bus.attach(["all"], ({ seq }) => {
      seen.push(`${name}${seq}`);
      more();
    });
  attach("throws", () => {
    throw new Error("reader");
  });
  const leaves = attach("leaves", () => leaves.close());
  const other = attach("other");
  attach("closes", () => other.close());
  attach("last");
  await bus.publish("all", "note", {});
  await bus.publish("all", "note", {});
  expect(seen).toEqual([
    "throws1",
    "leaves1",
    "other1",
    "closes1",
    "last1",
    "throws2",
    "closes2",
    "last2",
  ]);
});

it("adds and removes topics of a live attachment from the next message on", async () => {
  await using bus = createBus({ messages });
  const seen: string[] = [];
  const attachment = bus.attach(["user/1"], ({ message }) => seen.push(message.topic));
  await bus.publish("book/7", "note", {});
  attachment.add(["book/7", "user/1"]);
  await bus.publish("book/7", "note", {});
  attachment.remove(["user/1", "user/9"]);
  await bus.publish("user/1", "note", {});
  attachment.close();
  attachment.add(["all"]);
  await bus.publish("all", "note", {});
  expect(seen).toEqual(["book/7"]);
  expect(bus.stats().subscriptions).toBe(0);
});

it("loses nothing that is published while a slow history still answers a fresh reader", async () => {
  const answer = Promise.withResolvers<void>();
  await using bus = createBus({
    messages,
    history: slow(createMemoryHistory(), () => answer.promise),
  });
  await bus.publish("all", "note", { n: 0 });
  const subscription = bus.subscribe(["all"]);
  await bus.publish("all", "note", { n: 1 });
  answer.resolve();
  expect((await subscription.resumed).verdict).toBe("fresh");
  await bus.publish("all", "note", { n: 2 });
  expect(await take(subscription, 2)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("repeats no text when so much comes while history answers that the outbox is behind", async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const inner = createMemoryHistory();
  // Reads in the middle of the publishing and answers after it.
  const history: History = {
    ...slow(inner, async () => undefined),
    replay: async (topics, after) => {
      await gates[0]?.promise;
      const replay = await inner.replay(topics, after);
      await gates[1]?.promise;
      return replay;
    },
  };
  await using bus = createBus({ messages, history });
  const subscription = bus.subscribe(["all"], { after: `${bus.epoch}.0`, maxOutboxBytes: 8192 });
  let text = "";
  const publish = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      await bus.publish("all", "words", { offset: text.length, text: "0123456789" });
      text += "0123456789";
    }
  };
  await publish(20);
  gates[0]?.resolve();
  await Promise.resolve();
  await publish(20);
  gates[1]?.resolve();
  await subscription.resumed;
  await bus.close();
  let read = "";
  for await (const { data } of subscription) {
    expect(data.offset).toBe(read.length);
    read += data.text;
  }
  expect(read).toBe(text);
});

it("gives each of several waiting reads its own message", async () => {
  await using bus = createBus({ messages });
  const subscription = bus.subscribe(["all"]);
  const iterator = subscription[Symbol.asyncIterator]();
  const both = Promise.all([iterator.next(), iterator.next()]);
  await subscription.resumed;
  await bus.publish("all", "note", { n: 1 });
  await bus.publish("all", "note", { n: 2 });
  expect((await both).map(({ value }) => value?.data)).toEqual([{ n: 1 }, { n: 2 }]);
});

it("ends at once when its reader aborts, and after what is queued when the bus closes", async () => {
  const bus = createBus({ messages });
  const controller = new AbortController();
  const aborted = bus.subscribe(["all"], { signal: controller.signal });
  const kept = bus.subscribe(["all"]);
  await Promise.all([aborted.resumed, kept.resumed]);
  await bus.publish("all", "note", { n: 1 });
  controller.abort();
  await bus.close();
  expect(await take(aborted, 5)).toEqual([]);
  expect(await take(kept, 5)).toEqual([{ n: 1 }]);
});

async function take(
  subscription: AsyncIterable<{ readonly data: unknown }>,
  count: number,
): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const { data } of subscription) if (taken.push(data) === count) break;
  return taken;
}
