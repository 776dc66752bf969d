import { keyOf, SealedEnvelope } from "../../src/bus/envelope.js";
import type { Adopt, Draft, Envelope, Seal } from "../../src/bus/types.js";
import { append, durable, ephemeral, latest, type Delivery } from "../../src/protocol/index.js";

/** A draft and the name of its class in {@link createSeal}. */
export interface TestDraft extends Draft {
  readonly delivery: TestType;
}

interface Words {
  readonly offset: number;
  readonly text: string;
}

const deliveries = {
  note: durable(),
  place: latest((data: { readonly key: string }) => data.key),
  words: append(
    () => "",
    (older: Words, newer: Words) =>
      newer.offset === older.offset + older.text.length
        ? { offset: older.offset, text: older.text + newer.text }
        : undefined,
  ),
  blink: ephemeral(),
} as const;

export type TestType = keyof typeof deliveries;

/** Seals without a bus: one type for each delivery class. */
export function createSeal(name: TestType): Seal {
  // The tests give each its own data; a catalog's `Delivery<unknown>` is the same widening.
  const delivery = deliveries[name] as Delivery<unknown>;
  return (message, seq) => new SealedEnvelope(message, seq, delivery, keyOf(message, delivery));
}

/** Knows the same types, when another process published them. */
export function createAdopt(): Adopt {
  return (message, seq) =>
    Object.hasOwn(deliveries, message.type)
      ? createSeal(message.type as TestType)(message, seq)
      : undefined;
}

/** An envelope with a number of its own, for queues. */
export function makeEnvelope(seq: number, type: TestType, data: unknown): Envelope {
  const time = "2026-11-22T00:00:00.000Z";
  return createSeal(type)({ id: `e.${seq}`, type, topic: "all", time, data }, seq);
}
