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

/** Larger ones are written apart: what lies on a shelf is held for as long as its neighbours. */
const MAX_FRAMED_BYTES = 4_096;

/** Where the JSON of a message lies. */
export interface TextPlace {
  readonly slab: Buffer;
  readonly start: number;
  readonly bytes: number;
}

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
  /** Where a history that keeps it wants its text. */
  #shelf: TextShelf | undefined;
  #slab: Buffer | undefined;
  #start = 0;
  #bytes = -1;
  readonly #mergedWeight: number | undefined;

  /** @param json - the JSON of `message`, where it is known already. */
  constructor(
    message: Message,
    seq: number,
    delivery: Delivery<unknown>,
    key: string | undefined,
    json?: string,
    mergedWeight?: number,
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

  /** One that has settled, made again. */
  static kept(
    head: Pick<Message, "id" | "type" | "topic">,
    seq: number,
    delivery: Delivery<unknown>,
    key: string | undefined,
    { slab, start, bytes }: TextPlace,
  ): SealedEnvelope {
    // Nothing asks for more of it than the head before the message is let go of.
    const envelope = new SealedEnvelope({ ...head, time: "", data: undefined }, seq, delivery, key);
    envelope.#message = undefined;
    envelope.#slab = slab;
    envelope.#start = start;
    envelope.#bytes = bytes;
    return envelope;
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
    if (this.#json !== undefined) return this.#json;
    if (this.#slab !== undefined) {
      return this.#slab.toString("utf8", this.#start, this.#start + this.#bytes);
    }
    this.#json = JSON.stringify(this.#message);
    return this.#json;
  }

  get bytes(): number {
    if (this.#bytes < 0) this.#bytes = Buffer.byteLength(this.json);
    return this.#bytes;
  }

  /** Told by a history that keeps its text on this shelf, once it has {@link settle}d at the latest. */
  keepOn(shelf: TextShelf): void {
    this.#shelf = shelf;
  }

  frame(before: string, after: string): Buffer | undefined {
    const { bytes } = this;
    if (this.#shelf === undefined || this.#slab !== undefined || bytes > MAX_FRAMED_BYTES) {
      return undefined;
    }
    const length = before.length + bytes + after.length;
    const at = this.#shelf.put(`${before}${this.json}${after}`, length);
    const { slab } = this.#shelf;
    this.#slab = slab;
    this.#start = at + before.length;
    return slab.subarray(at, at + length);
  }

  /** It is no longer fresh: its JSON is enough from now on, and lies where it says. */
  settle(shelf: TextShelf): TextPlace {
    const { bytes } = this;
    if (this.#slab === undefined) {
      this.#start = shelf.put(this.json, bytes);
      this.#slab = shelf.slab;
    }
    this.#json = undefined;
    this.#message = undefined;
    return { slab: this.#slab, start: this.#start, bytes };
  }
}

/**
 * The JSON of a message of which the type and the data are written already. The rest holds no character that means
 * something in JSON: cursors, topics and times are made of a few that don't.
 */
export function messageJson(
  { id, topic, time }: Message,
  typeJson: string,
  dataJson: string,
): string {
  return `{"id":"${id}","type":${typeJson},"topic":"${topic}","time":"${time}","data":${dataJson}}`;
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
  return new SealedEnvelope(message, newer.seq, newer.delivery, newer.key, undefined, weight);
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
