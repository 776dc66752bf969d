import { Buffer } from "node:buffer";
import {
  InkwireError,
  type AppendDelivery,
  type Cursor,
  type Delivery,
  type Message,
  type Topic,
} from "../protocol/index.js";
import { copyPlain, freezePlain } from "./plain-data.js";
import type { TextShelf } from "./text-shelf.js";
import type { Envelope } from "./types.js";

/**
 * How much may be merged into one message, in bytes of what its parts were. A merged text is written again with each
 * word that joins it while its reader is behind: this bounds that cost, and the size of a frame.
 */
export const MAX_MERGED_WEIGHT = 65_536;

/**
 * A message with its place; the JSON is made when the first reader asks, and kept for all others. Once it has settled, that
 * is all that is left of it, as bytes outside the heap.
 */
export class SealedEnvelope implements Envelope {
  readonly id: Cursor;
  readonly type: string;
  readonly topic: Topic;
  readonly seq: number;
  readonly delivery: Delivery<unknown>;
  readonly key: string | undefined;
  wire: object | undefined = undefined;
  #message: Message | undefined;
  #json: string | undefined;
  #slab: Buffer | undefined;
  #slabAt = 0;
  #bytes = -1;
  readonly #mergedWeight: number | undefined;

  /** @param json - the JSON of `message`, where it is known already. */
  constructor(
    message: Message,
    seq: number,
    delivery: Delivery<unknown>,
    key: string | undefined,
    { json, mergedWeight }: { readonly json?: string; readonly mergedWeight?: number } = {},
  ) {
    this.#message = message;
    this.id = message.id;
    this.type = message.type;
    this.topic = message.topic;
    this.seq = seq;
    this.delivery = delivery;
    this.key = key;
    this.#json = json;
    this.#mergedWeight = mergedWeight;
  }

  /** The bytes of all parts that were merged into it; its own where nothing was. */
  static weigh(envelope: Envelope): number {
    return (
      (envelope instanceof SealedEnvelope ? envelope.#mergedWeight : undefined) ?? envelope.bytes
    );
  }

  get message(): Message {
    // What was plain data comes back as it was.
    return this.#message ?? (freezePlain(JSON.parse(this.json)) as Message);
  }

  get json(): string {
    if (this.#slab !== undefined) {
      return this.#slab.toString("utf8", this.#slabAt, this.#slabAt + this.#bytes);
    }
    this.#json ??= JSON.stringify(this.#message);
    return this.#json;
  }

  settle(shelf: TextShelf): void {
    if (this.#slab !== undefined) return;
    this.#slabAt = shelf.put(this.json, this.bytes);
    this.#slab = shelf.slab;
    this.#json = undefined;
    this.#message = undefined;
  }

  get bytes(): number {
    if (this.#bytes < 0) this.#bytes = Buffer.byteLength(this.json);
    return this.#bytes;
  }
}

/** The JSON of a message whose data is written already. */
export function messageJson({ id, type, topic, time }: Message, dataJson: string): string {
  return `{"id":${quote(id)},"type":${quote(type)},"topic":${quote(topic)},"time":${quote(time)},"data":${dataJson}}`;
}

/** Ours are mostly made of characters that mean nothing in JSON. */
function quote(text: string): string {
  return /^[\w./:-]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * What a message conflates by.
 *
 * @throws InkwireError `invalid_message` when the definition's own functions fail on this data.
 */
export function keyOf(
  { topic, type, data }: Message,
  delivery: Delivery<unknown>,
): string | undefined {
  if (delivery.class !== "latest" && delivery.class !== "append") return undefined;
  try {
    // A latest message that must never be conflated has no key: it is treated as durable everywhere.
    if (delivery.class === "latest" && delivery.durable?.(data) === true) return undefined;
    // Neither a topic nor a type holds a line break, so no two keys meet.
    return `${topic}\n${type}\n${delivery.key(data)}`;
  } catch (cause) {
    throw new InkwireError(
      "invalid_message",
      `The key of "${type}" could not be told from its data.`,
      { cause },
    );
  }
}

/** The one envelope that says both, with the newer one's place; `undefined` when the newer does not continue the older. */
export function mergeEnvelopes(older: Envelope, newer: Envelope): Envelope | undefined {
  if (older.delivery.class !== "append" || newer.delivery.class !== "append") return undefined;
  if (older.key !== newer.key) return undefined;
  const weight = SealedEnvelope.weigh(older) + SealedEnvelope.weigh(newer);
  if (weight > MAX_MERGED_WEIGHT) return undefined;
  const data = mergedData(newer.delivery, older.message.data, newer.message.data);
  if (data === undefined) return undefined;
  const message = Object.freeze({ ...newer.message, data });
  return new SealedEnvelope(message, newer.seq, newer.delivery, newer.key, {
    mergedWeight: weight,
  });
}

function mergedData(delivery: AppendDelivery<unknown>, older: unknown, newer: unknown): unknown {
  try {
    const merged = delivery.merge(older, newer);
    return merged === undefined ? undefined : copyPlain(merged);
  } catch {
    // A merge that fails loses nothing as long as both go out as they are.
    return undefined;
  }
}
