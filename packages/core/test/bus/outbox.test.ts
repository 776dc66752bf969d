import { expect, it } from "vitest";
import { createOutbox } from "../../src/bus/outbox.js";
import { makeEnvelope } from "./envelopes.js";

const note = (seq: number, length = 0) => makeEnvelope(seq, "note", { text: "x".repeat(length) });
const place = (seq: number, key = "a") => makeEnvelope(seq, "place", { key, n: seq });
const words = (seq: number, offset: number, text: string) =>
  makeEnvelope(seq, "words", { offset, text });
const seqs = (envelopes: readonly { readonly seq: number }[]) => envelopes.map(({ seq }) => seq);

it("hands on the very same envelopes while the reader keeps up, so that their bytes can be shared", () => {
  const outbox = createOutbox({ maxBytes: 100_000 });
  const all = [
    place(1),
    place(2),
    place(3),
    makeEnvelope(4, "blink", {}),
    words(5, 0, "a"),
    words(6, 1, "b"),
  ];
  for (const envelope of all) outbox.push(envelope);
  const taken = outbox.take();
  expect(taken).toHaveLength(all.length);
  for (const [index, envelope] of taken.entries()) expect(envelope).toBe(all[index]);
  expect(outbox.stats()).toEqual({ queuedBytes: 0, conflated: 0, shed: 0 });
});

it("takes at most what fits into a flush, and at least one message", () => {
  const outbox = createOutbox({ maxBytes: 100_000 });
  for (let seq = 1; seq <= 5; seq++) outbox.push(note(seq, 1000));
  expect(seqs(outbox.take(1))).toEqual([1]);
  expect(seqs(outbox.take(1500))).toEqual([2, 3]);
  expect(seqs(outbox.take())).toEqual([4, 5]);
  expect(outbox.isEmpty).toBe(true);
});

it("keeps the first and the newest of a key once the reader is behind", () => {
  const outbox = createOutbox({ maxBytes: 1024 });
  for (let seq = 1; seq <= 1000; seq++) expect(outbox.push(place(seq))).toBe(true);
  expect(outbox.stats().queuedBytes).toBeLessThanOrEqual(1024);
  expect(seqs(outbox.take())).toEqual([1, 1000]);
  expect(outbox.stats().conflated).toBe(998);
});

it("never moves text past another message, where a cursor in between would skip it", () => {
  const outbox = createOutbox({ maxBytes: 2000 });
  const queued = [
    words(1, 0, "a"),
    note(2, 700),
    words(3, 1, "b"),
    note(4, 0),
    words(5, 2, "c"),
    words(6, 3, "d"),
  ];
  for (const envelope of queued) expect(outbox.push(envelope)).toBe(true);
  expect(seqs(outbox.take())).toEqual([1, 2, 3, 4, 6]);
});

it("drops ephemeral messages before it gives up", () => {
  const outbox = createOutbox({ maxBytes: 1024 });
  for (let seq = 1; seq <= 4; seq++) outbox.push(makeEnvelope(seq, "blink", {}));
  let seq = 4;
  while (outbox.push(note(seq + 1, 50))) seq += 1;
  expect(outbox.stats().shed).toBe(4);
  expect(seqs(outbox.take())).toEqual(Array.from({ length: seq - 4 }, (_, index) => index + 5));
});

it("takes a message over its bound when nothing else waits, or no resume would ever get past it", () => {
  const outbox = createOutbox({ maxBytes: 1024 });
  expect(outbox.push(note(1, 5000))).toBe(true);
  expect(outbox.push(note(2, 10))).toBe(false);
  expect(seqs(outbox.take())).toEqual([1]);
});

it("conflates nothing over the end of a replay that is still to come", () => {
  const outbox = createOutbox({ maxBytes: 8000, awaitsReplay: true });
  for (let seq = 1; seq <= 40; seq++) expect(outbox.push(words(seq, seq - 1, "x"))).toBe(true);
  outbox.dropThrough(15);
  const [first] = outbox.take();
  expect(first?.message.data).toMatchObject({ offset: 15 });
});

it("loses nothing when a definition's merge throws", () => {
  const throwing = {
    class: "append" as const,
    key: () => "",
    merge: () => {
      throw new Error("merge");
    },
  };
  const outbox = createOutbox({ maxBytes: 2048 });
  const sent: number[] = [];
  for (let seq = 1; seq <= 12; seq++) {
    if (outbox.push({ ...plain(words(seq, 0, "x")), delivery: throwing })) sent.push(seq);
  }
  expect(sent.length).toBeGreaterThan(8);
  expect(seqs(outbox.take())).toEqual(sent);
});

it("merges long text into several messages, each of bounded size", () => {
  const outbox = createOutbox({ maxBytes: 100_000 });
  let text = "";
  for (let seq = 1; seq <= 5000; seq++) {
    const piece = `${seq} `;
    expect(outbox.push(words(seq, text.length, piece))).toBe(true);
    text += piece;
  }
  const taken = outbox.take();
  expect(taken.map(({ message }) => (message.data as { text: string }).text).join("")).toBe(text);
  expect(taken.length).toBeLessThan(500);
  for (const envelope of taken) expect(envelope.bytes).toBeLessThan(65_536);
});

function plain({ message, id, type, topic, seq, key, json, bytes }: ReturnType<typeof words>) {
  return { message, id, type, topic, seq, key, json, bytes };
}
