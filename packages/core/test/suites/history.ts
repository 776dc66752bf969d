import { expect, it } from "vitest";
import { createSeal, type TestDraft, type TestType } from "../bus/envelopes.js";
import { freezePlain } from "../../src/bus/plain-data.js";
import type { Envelope, History } from "../../src/bus/types.js";
import type { Topic } from "../../src/protocol/index.js";

export interface HistoryFactory {
  /** An empty history, closed by the suite. Bounds may be kept roughly, but are never passed by much. */
  readonly open: (bounds?: {
    readonly maxMessages?: number;
    readonly maxBytes?: number;
  }) => Promise<History>;
}

/** What every history promises, whatever keeps it. Called inside a `describe`. */
export function describeHistory({ open }: HistoryFactory): void {
  const using = async (
    bounds: Parameters<HistoryFactory["open"]>[0],
    use: (history: History, add: (...drafts: TestDraft[]) => Promise<string[]>) => Promise<void>,
  ): Promise<void> => {
    const history = await open(bounds);
    const add = async (...drafts: TestDraft[]): Promise<string[]> => {
      const ids: string[] = [];
      for (const { delivery, ...draft } of drafts) {
        ids.push((await history.append(draft, createSeal(delivery))).message.id);
      }
      return ids;
    };
    try {
      await use(history, add);
    } finally {
      await history.close();
    }
  };
  const topics = (...names: Topic[]): ReadonlySet<Topic> => new Set(names);
  const note = (topic: Topic, text = ""): TestDraft => draftOf(topic, "note", { text });
  const place = (topic: Topic, key: string, n: number): TestDraft =>
    draftOf(topic, "place", { key, n });
  const words = (topic: Topic, offset: number, text: string): TestDraft =>
    draftOf(topic, "words", { offset, text });

  it("numbers messages without a hole and hands them to listeners in that order", () =>
    using({}, async (history) => {
      const heard: number[] = [];
      const stop = history.listen((envelope) => heard.push(envelope.seq));
      const { delivery, ...draft } = note("all");
      await Promise.all(
        Array.from({ length: 20 }, async () => history.append(draft, createSeal(delivery))),
      );
      await expect.poll(() => heard).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
      stop();
      await history.append(draft, createSeal(delivery));
      expect(heard).toHaveLength(20);
    }));

  it("tells every listener in order also when one of them appends", () =>
    using({}, async (history) => {
      const heard: number[] = [];
      const { delivery, ...draft } = note("all");
      history.listen((envelope) => {
        if (envelope.seq === 1) void history.append(draft, createSeal(delivery));
      });
      history.listen((envelope) => heard.push(envelope.seq));
      await history.append(draft, createSeal(delivery));
      await expect.poll(() => heard).toEqual([1, 2]);
    }));

  it("gives back each message as it was, however many came after it", () =>
    using({}, async (history) => {
      const said = Array.from({ length: 200 }, (_, n) =>
        draftOf("all", "note", {
          n,
          text: ["plain", "Zürich – 東京 🌍", "\uD800 alone", 'a "quote"\n\u2028', ""][n % 5],
          long: "ü".repeat(n % 7 === 0 ? 3_000 : 3),
          deep: freezePlain({ list: [n, null, { is: true }] }),
        }),
      );
      const first: Envelope[] = [];
      for (const { delivery, ...draft } of said) {
        first.push(await history.append(draft, createSeal(delivery)));
      }
      const { envelopes } = await history.replay(
        topics("all"),
        history.head().replace(/\d+$/, "0"),
      );
      expect(envelopes).toHaveLength(said.length);
      for (const [index, { delivery: _, ...draft }] of said.entries()) {
        const envelope = envelopes[index];
        const { id, ...rest } = envelope?.message ?? {};
        expect(rest).toEqual(draft);
        expect(id).toBe(first[index]?.id);
        expect(JSON.parse(envelope?.json ?? "")).toEqual({ id, ...draft });
        expect(envelope?.bytes).toBe(Buffer.byteLength(envelope?.json ?? ""));
        const data = envelope?.message.data as { readonly deep: object } | undefined;
        expect(Object.isFrozen(data?.deep)).toBe(true);
      }
    }));

  it("owes a fresh reader nothing, and names the head", () =>
    using({}, async (history, add) => {
      await add(note("all"));
      const replay = await history.replay(topics("all"), undefined);
      expect(replay).toMatchObject({ verdict: "fresh", gaps: [], envelopes: [], headSeq: 1 });
      expect(replay.head).toBe(history.head());
    }));

  it("replays what came after the cursor on the topics asked for, oldest first", () =>
    using({}, async (history, add) => {
      const ids = await add(note("all"), note("user/1"), note("user/2"), note("all"));
      const replay = await history.replay(topics("all", "user/1"), ids[0]);
      expect(replay.verdict).toBe("recovered");
      expect(replay.envelopes.map(({ message }) => message.id)).toEqual([ids[1], ids[3]]);
      expect(replay.headSeq).toBe(4);
    }));

  it("tells a reader at the head that it has recovered, with nothing to replay", () =>
    using({}, async (history, add) => {
      await add(note("all"));
      const replay = await history.replay(topics("all"), history.head());
      expect(replay).toMatchObject({ verdict: "recovered", gaps: [], envelopes: [] });
    }));

  it("keeps the first and the newest of a latest key, each at its own place", () =>
    using({}, async (history, add) => {
      await add(
        ...[1, 2, 3].map((n) => place("all", "a", n)),
        note("all"),
        place("all", "b", 1),
        place("all", "a", 4),
      );
      const { envelopes } = await history.replay(topics("all"), `${history.epoch}.0`);
      expect(envelopes.map(({ seq }) => seq)).toEqual([1, 4, 5, 6]);
    }));

  it("merges text that has nothing in between, and leaves the rest where it is", () =>
    using({}, async (history, add) => {
      await add(words("all", 0, "ab"), words("all", 2, "c"), note("all"), words("all", 3, "d"));
      const { envelopes } = await history.replay(topics("all"), `${history.epoch}.0`);
      expect(envelopes.map(({ seq, message }) => [seq, message.data])).toEqual([
        [2, { offset: 0, text: "abc" }],
        [3, { text: "" }],
        [4, { offset: 3, text: "d" }],
      ]);
    }));

  it("owes nobody an ephemeral message, though it has a number", () =>
    using({}, async (history, add) => {
      await add(draftOf("all", "blink", {}), note("all"));
      const { verdict, envelopes } = await history.replay(topics("all"), `${history.epoch}.0`);
      expect(verdict).toBe("recovered");
      expect(envelopes.map(({ seq }) => seq)).toEqual([2]);
    }));

  it("names the topics that lost something after the cursor, and no other", () =>
    using({ maxMessages: 20 }, async (history, add) => {
      await add(note("user/1"), ...Array.from({ length: 200 }, () => note("book/7")));
      const [last] = await add(note("user/2"));
      const replay = await history.replay(
        topics("user/1", "user/2", "book/7", "user/3"),
        `${history.epoch}.1`,
      );
      expect(replay).toMatchObject({ verdict: "gap", gaps: ["book/7"] });
      expect(replay.envelopes.at(-1)?.message.id).toBe(last);
    }));

  it("stays within its bound of bytes", () =>
    using({ maxBytes: 20_000 }, async (history, add) => {
      await add(...Array.from({ length: 100 }, () => note("all", "x".repeat(1000))));
      expect(history.stats().bytes).toBeLessThanOrEqual(40_000);
      expect((await history.replay(topics("all"), `${history.epoch}.0`)).verdict).toBe("gap");
    }));

  it.each([
    "",
    "nonsense",
    "other-epoch.1",
    "{epoch}.3",
    "{epoch}.-1",
    "{epoch}.1.2",
    "{epoch}.01",
    "{epoch}.1e0",
    "{epoch}.9007199254740993",
    " {epoch}.1",
    "{epoch}.1\n",
    "\0",
    "x".repeat(100_000),
  ])("answers the cursor %j with a reset, and no message", (cursor) =>
    using({}, async (history, add) => {
      await add(note("all"), note("all"));
      const replay = await history.replay(topics("all"), cursor.replace("{epoch}", history.epoch));
      expect(replay).toMatchObject({ verdict: "reset", envelopes: [], headSeq: 2 });
    }),
  );

  it("can be closed twice", () =>
    using({}, async (history) => {
      await history.close();
    }));

  function draftOf(topic: Topic, type: TestType, data: object): TestDraft {
    return { topic, type, time: "2026-11-22T00:00:00.000Z", data, delivery: type };
  }
}
