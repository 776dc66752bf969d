import fc from "fast-check";
import { expect } from "vitest";
import { createBus, type Bus, type History, type Subscription } from "../../src/index.js";
import {
  defineMessage,
  defineMessages,
  durable,
  ephemeral,
  append,
  latest,
  isInkwireError,
  type Message,
  type Topic,
} from "../../src/protocol/index.js";
import { number, object, text } from "../../src/protocol/shapes.js";

const messages = defineMessages({
  note: defineMessage(object({ n: number() }), durable()),
  place: defineMessage(
    object({ key: text(), n: number() }),
    latest((data) => data.key),
  ),
  words: defineMessage(
    object({ key: text(), offset: number(), text: text() }),
    append(
      (data) => data.key,
      (older, newer) =>
        newer.offset === older.offset + older.text.length
          ? { ...newer, offset: older.offset, text: older.text + newer.text }
          : undefined,
    ),
  ),
  blink: defineMessage(object({ n: number() }), ephemeral()),
});

const topics: readonly Topic[] = ["user/1", "user/2", "all"];
const keys = ["a", "b"] as const;

type Step =
  | {
      readonly do: "publish";
      readonly topic: number;
      readonly type: keyof typeof messages;
      readonly key: number;
    }
  | { readonly do: "read"; readonly reader: number; readonly count: number }
  | { readonly do: "resume"; readonly reader: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      topic: fc.nat(2),
      type: fc.constantFrom("note", "place", "words", "blink"),
      key: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("read" as const),
      reader: fc.nat(2),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), reader: fc.nat(2) }) },
);

/** A reader of some topics with what it has seen since it last (re)connected. */
interface Reader {
  readonly topics: readonly Topic[];
  subscription: Subscription;
  iterator: AsyncIterator<Message>;
  /** Everything owed is after this place in the reference list. */
  from: number;
  seen: Message[];
  slow: boolean;
}

/** What of the reference a reader has not accounted for. `upTo`: it has read to the end of what was published. */
function check(reader: Reader, reference: readonly Message[], readAll: boolean): void {
  const owed = reference.filter(
    (message, index) => index >= reader.from && reader.topics.includes(message.topic),
  );
  const seqs = reader.seen.map((message) => Number(message.id.split(".")[1]));
  for (const [index, seq] of seqs.entries())
    if (index > 0) expect(seq).toBeGreaterThan(seqs[index - 1] ?? 0);
  const lastSeq = readAll ? Number.POSITIVE_INFINITY : (seqs.at(-1) ?? 0);
  const due = owed.filter((message) => Number(message.id.split(".")[1]) <= lastSeq);
  expect(reader.seen.filter((message) => message.type === "note")).toEqual(
    due.filter((message) => message.type === "note"),
  );
  for (const topic of reader.topics) {
    for (const key of keys) {
      const of = (list: readonly Message[], type: string) =>
        list.filter(
          (message) =>
            message.type === type &&
            message.topic === topic &&
            (message.data as { key: string }).key === key,
        );
      const places = of(due, "place");
      const seenPlaces = of(reader.seen, "place");
      expect(places).toEqual(expect.arrayContaining(seenPlaces));
      if (readAll && places.length > 0) expect(seenPlaces.at(-1)).toEqual(places.at(-1));
      const said = of(reader.seen, "words")
        .map((message) => (message.data as { text: string }).text)
        .join("");
      if (readAll)
        expect(said).toBe(
          of(due, "words")
            .map((message) => (message.data as { text: string }).text)
            .join(""),
        );
    }
  }
  const known = new Set(owed.map((message) => message.id));
  for (const message of reader.seen) expect(known.has(message.id)).toBe(true);
}

async function connect(
  bus: Bus<typeof messages>,
  wanted: readonly Topic[],
  after: string | undefined,
): Promise<Subscription> {
  const subscription = bus.subscribe(wanted, { after, maxOutboxBytes: 1024 });
  await subscription.resumed;
  return subscription;
}

async function readSome(
  reader: Reader,
  bus: Bus<typeof messages>,
  count: number,
): Promise<boolean> {
  // The bus is idle while a test reads, so a read that is still pending after this has nothing to give.
  for (let index = 0; index < count && !reader.slow; index += 1) {
    const next = reader.iterator.next().catch((error: unknown) => {
      if (!isInkwireError(error, "slow_consumer")) throw error;
      reader.slow = true;
      return { done: true as const, value: undefined };
    });
    const idle = Symbol("idle");
    const result = await Promise.race([
      next,
      new Promise<typeof idle>((done) => setImmediate(() => done(idle))),
    ]);
    if (result === idle) {
      // The pending read would swallow the next message: connect again from the cursor instead.
      const last = reader.seen.at(-1)?.id;
      reader.subscription.close();
      reader.subscription = await connect(
        bus,
        reader.topics,
        last ?? `${bus.epoch}.${reader.from}`,
      );
      reader.iterator = reader.subscription[Symbol.asyncIterator]();
      return true;
    }
    if (result.done === true) return false;
    reader.seen.push(result.value);
  }
  return false;
}

export interface BusModelOptions {
  /** An empty history that keeps so many messages. */
  readonly open: (maxMessages: number) => Promise<History>;
  readonly runs: number;
}

/** What a bus promises its readers, whatever keeps its history. */
export async function runBusModel({ open, runs }: BusModelOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 200 }),
      fc.integer({ min: 3, max: 400 }),
      async (steps, maxMessages) => {
        await using bus = createBus({ messages, history: await open(maxMessages) });
        const reference: Message[] = [];
        const offsets = new Map<string, number>();
        const readers: Reader[] = [];
        for (const wanted of [["user/1"], ["user/1", "user/2"], topics] as Topic[][]) {
          const subscription = await connect(bus, wanted, undefined);
          readers.push({
            topics: wanted,
            subscription,
            iterator: subscription[Symbol.asyncIterator](),
            from: 0,
            seen: [],
            slow: false,
          });
        }
        for (const action of steps) {
          if (action.do === "publish") {
            const topic = topics[action.topic] ?? "all";
            const key = keys[action.key] ?? "a";
            const n = reference.length;
            if (action.type === "words") {
              const place = `${topic} ${key}`;
              const offset = offsets.get(place) ?? 0;
              const piece = `${n} `;
              offsets.set(place, offset + piece.length);
              reference.push(await bus.publish(topic, "words", { key, offset, text: piece }));
            } else if (action.type === "place")
              reference.push(await bus.publish(topic, "place", { key, n }));
            else reference.push(await bus.publish(topic, action.type, { n }));
            continue;
          }
          const reader = readers[action.reader];
          if (reader === undefined) continue;
          if (action.do === "read") {
            const all = await readSome(reader, bus, action.count);
            check(reader, reference, all && !reader.slow && (await recovered(reader)));
          } else await resume(reader, bus, reference);
        }
        for (const reader of readers) {
          if (reader.slow) await resume(reader, bus, reference);
          const all = await readSome(reader, bus, 10_000);
          if (!reader.slow && (await recovered(reader))) check(reader, reference, all);
        }
      },
    ),
    {
      numRuns: runs,
      seed: Number(process.env["INKWIRE_SOAK_SEED"] ?? Date.now()),
    },
  );
}

async function recovered(reader: Reader): Promise<boolean> {
  const { verdict } = await reader.subscription.resumed;
  return verdict === "fresh" || verdict === "recovered";
}

/** Reconnects from the cursor; a gap must be named exactly when something owed is gone, and then the reader starts over. */
async function resume(
  reader: Reader,
  bus: Bus<typeof messages>,
  reference: readonly Message[],
): Promise<void> {
  const cursor = reader.seen.at(-1)?.id ?? `${bus.epoch}.${reader.from}`;
  reader.subscription.close();
  reader.subscription = await connect(bus, reader.topics, cursor);
  reader.iterator = reader.subscription[Symbol.asyncIterator]();
  reader.slow = false;
  const { verdict, gaps } = await reader.subscription.resumed;
  if (verdict !== "gap") return;
  const kept = bus.stats().history.messages;
  expect(gaps.length).toBeGreaterThan(0);
  expect(kept).toBeLessThan(reference.length);
  for (const topic of gaps) {
    const seq = Number(cursor.split(".")[1]);
    expect(
      reference.some(
        (message, index) => index >= seq && message.topic === topic && message.type !== "blink",
      ),
    ).toBe(true);
  }
  reader.subscription.close();
  reader.subscription = await connect(bus, reader.topics, bus.head());
  reader.iterator = reader.subscription[Symbol.asyncIterator]();
  reader.from = reference.length;
  reader.seen = [];
}
