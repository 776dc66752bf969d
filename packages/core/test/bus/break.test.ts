import { expect, it } from "vitest";
import {
  createBus,
  createMemoryHistory,
  type BreakListener,
  type History,
} from "../../src/index.js";
import { defineMessage, defineMessages, durable, type Topic } from "../../src/protocol/index.js";
import { number, object } from "../../src/protocol/shapes.js";

const messages = defineMessages({ note: defineMessage(object({ n: number() }), durable()) });

/** A history that others keep too, and may lose. */
function fragile(): History & { readonly lose: BreakListener } {
  const history = createMemoryHistory();
  const listeners: BreakListener[] = [];
  return {
    epoch: history.epoch,
    head: () => history.head(),
    append: (draft, seal) => history.append(draft, seal),
    listen: (listener) => history.listen(listener),
    replay: (topics, after) => history.replay(topics, after),
    onBreak: (listener) => void listeners.push(listener),
    stats: () => history.stats(),
    close: () => history.close(),
    lose: (topics) => listeners.forEach((listener) => listener(topics)),
  };
}

it("ends those who missed something, after what they have, and leaves the others alone", async () => {
  const history = fragile();
  await using bus = createBus({ messages, history });
  const told: (readonly Topic[] | undefined)[] = [];
  bus.onBreak?.((topics) => told.push(topics && [...topics]));
  const missed = bus.subscribe(["user/1", "all"]);
  const other = bus.subscribe(["user/2"]);
  await Promise.all([missed.resumed, other.resumed]);
  await bus.publish("all", "note", { n: 1 });
  history.lose(new Set<Topic>(["user/1"]));
  await bus.publish("user/2", "note", { n: 2 });
  const reader = missed[Symbol.asyncIterator]();
  expect((await reader.next()).value.data).toEqual({ n: 1 });
  await expect(reader.next()).rejects.toMatchObject({ code: "history_lost", retryable: true });
  for await (const { data } of other) {
    expect(data).toEqual({ n: 2 });
    break;
  }
  expect(told).toEqual([["user/1"]]);
  expect(bus.stats().subscriptions).toBe(0);
});

it("ends all readers when nobody can say what is gone", async () => {
  const history = fragile();
  await using bus = createBus({ messages, history });
  const readers = (["user/1", "all"] as Topic[]).map((topic) => bus.subscribe([topic]));
  await Promise.all(readers.map(({ resumed }) => resumed));
  history.lose(undefined);
  for (const reader of readers) {
    await expect(reader[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "history_lost",
    });
  }
});
