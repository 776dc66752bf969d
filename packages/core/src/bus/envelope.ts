import { Buffer } from "node:buffer";
import type { Delivery, Message } from "../protocol/index.js";
import type { Envelope } from "./types.js";

/** A message with its place; the JSON is made when the first reader asks, and kept for all others. */
export class SealedEnvelope implements Envelope {
  readonly message: Message;
  readonly seq: number;
  readonly delivery: Delivery<unknown>;
  readonly key: string | undefined;
  #json: string | undefined;
  #bytes = -1;

  constructor(message: Message, seq: number, delivery: Delivery<unknown>) {
    this.message = message;
    this.seq = seq;
    this.delivery = delivery;
    this.key = keyOf(message, delivery);
  }

  get json(): string {
    this.#json ??= JSON.stringify(this.message);
    return this.#json;
  }

  get bytes(): number {
    if (this.#bytes < 0) this.#bytes = Buffer.byteLength(this.json);
    return this.#bytes;
  }
}

function keyOf({ topic, type, data }: Message, delivery: Delivery<unknown>): string | undefined {
  if (delivery.class !== "latest" && delivery.class !== "append") return undefined;
  // A latest message that must never be conflated has no key: it is treated as durable everywhere.
  if (delivery.class === "latest" && delivery.durable?.(data) === true) return undefined;
  // Neither a topic nor a type holds a line break, so no two keys meet.
  return `${topic}\n${type}\n${delivery.key(data)}`;
}

/** The one envelope that says both, with the newer one's place; `undefined` when the newer does not continue the older. */
export function mergeEnvelopes(older: Envelope, newer: Envelope): Envelope | undefined {
  if (older.delivery.class !== "append" || newer.delivery.class !== "append") return undefined;
  if (older.key !== newer.key) return undefined;
  const data = newer.delivery.merge(older.message.data, newer.message.data);
  if (data === undefined) return undefined;
  const message = Object.freeze({ ...newer.message, data: Object.freeze(data) });
  return new SealedEnvelope(message, newer.seq, newer.delivery);
}
