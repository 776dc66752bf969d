import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryHistory } from "../../src/bus/memory-history.js";
import { NOWHERE, TopicLines } from "../../src/bus/topic-lines.js";
import type { Topic } from "../../src/protocol/index.js";
import { Frames } from "../../src/transports/frames.js";
import { createSeal } from "./envelopes.js";

const time = "2026-11-22T00:00:00.000Z";

describe("what a history keeps", () => {
  it("is what was said last, whatever was framed for whom, and however often the ring goes round", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.array(
          fc.record({
            user: fc.integer({ min: 0, max: 4 }),
            type: fc.constantFrom("note" as const, "note" as const, "blink" as const),
            text: fc.oneof(
              fc.constantFrom("", "plain", "Zürich 🌍", "\n\u2028"),
              fc.integer({ min: 1, max: 9_000 }).map((length) => "x".repeat(length)),
            ),
            frame: fc.constantFrom(
              undefined,
              "sse" as const,
              "sse_chunk" as const,
              "websocket" as const,
            ),
          }),
          { minLength: 1, maxLength: 400, size: "max" },
        ),
        async (maxMessages, said) => {
          const history = createMemoryHistory({ maxMessages, maxBytes: 400_000 });
          const kept: { topic: Topic; text: string; bytes: number; id: string }[] = [];
          for (const { user, type, text, frame } of said) {
            const topic: Topic = `user/${user}`;
            const draft = { type, topic, time, data: { text } };
            const envelope = await history.append(draft, createSeal(type));
            if (type === "note") kept.push({ topic, text, bytes: envelope.bytes, id: envelope.id });
            if (frame !== undefined) new Frames(frame).joined([envelope]);
            let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
            while (kept.length > maxMessages || total > 400_000) total -= kept.shift()?.bytes ?? 0;
          }
          for (const user of [0, 1, 2, 3, 4]) {
            const topic: Topic = `user/${user}`;
            const replay = await history.replay(new Set([topic]), `${history.epoch}.0`);
            const owed = kept.filter((message) => message.topic === topic);
            expect(replay.envelopes.map(({ id, message }) => [id, message.data])).toEqual(
              owed.map(({ id, text }) => [id, { text }]),
            );
            const lost = said.filter((one) => one.user === user && one.type === "note").length;
            expect(replay.gaps).toEqual(lost > owed.length ? [topic] : []);
          }
          expect(history.stats().messages).toBe(kept.length);
        },
      ),
      { numRuns: 60 },
    ));

  it("goes out as the same bytes before and after it has settled", async () => {
    const history = createMemoryHistory();
    const texts = ["plain", "Zürich", "x".repeat(200), "x".repeat(70_000), "ü".repeat(40_000)];
    for (const format of ["sse", "sse_chunk", "websocket"] as const) {
      const fresh: Buffer[] = [];
      const cursor = history.head();
      for (const text of texts) {
        const draft = { type: "note", topic: "all", time, data: { text } } as const;
        const envelope = await history.append(draft, createSeal("note"));
        fresh.push(Buffer.from(new Frames(format).joined([envelope])));
      }
      for (let n = 0; n < 100; n += 1) {
        await history.append({ type: "note", topic: "user/1", time, data: {} }, createSeal("note"));
      }
      const { envelopes } = await history.replay(new Set<Topic>(["all"]), cursor);
      for (const [index, envelope] of envelopes.entries()) {
        const again = new Frames(format).joined([envelope]);
        expect(again.equals(fresh[index] ?? Buffer.alloc(0))).toBe(true);
        expect(again.includes(Buffer.from(envelope.json))).toBe(true);
      }
    }
  });
});

describe("the lines of topics", () => {
  it("forget the quietest of too many, and then name a gap too many rather than one too few", () => {
    const lines = new TopicLines(100);
    for (let n = 1; n <= 1_000; n += 1) lines.open(`user/${n}`, 0).lostSeq = n;
    // Each of them has lost number n: whoever asks from before it must be told.
    for (let n = 1; n <= 1_000; n += 1)
      expect(lines.lostSeqOf(`user/${n}`)).toBeGreaterThanOrEqual(n);
    expect(lines.get("user/1")).toBeUndefined();
    expect(lines.open("user/1", 0).lostSeq).toBeGreaterThanOrEqual(1);
  });

  it("keep those that still hold messages, however many", () => {
    const lines = new TopicLines(100);
    for (let n = 0; n < 1_000; n += 1) lines.open(`user/${n}`, 0).newest = n;
    for (let n = 0; n < 1_000; n += 1) expect(lines.get(`user/${n}`)?.newest).toBe(n);
    expect(lines.open("user/new", 0).newest).toBe(NOWHERE);
  });
});
