import { copyPlain } from "../bus/plain-data.js";
import type { Envelope } from "../bus/types.js";
import { isTopic, type Message, type Topic } from "../protocol/index.js";

/** One entry of the stream as Redis gives it: its id, then names and values in turn. */
export type RawEntry = readonly [id: string, fields: readonly string[]];

export interface HistoryEntry {
  readonly seq: number;
  /** Of no two entries alike. */
  readonly mark: string;
  /** Where the message is addressed, as far as that can be read. */
  readonly topic: Topic | undefined;
  /** What may be missing: nobody is owed an ephemeral message. */
  readonly isEphemeral: boolean;
  /** Throws when it is not a message that {@link entryFields} wrote: anybody may have written to this Redis. */
  message(id: string): Message;
}

const CLASSES = { durable: "d", latest: "l", append: "a", ephemeral: "e" } as const;

/** What is sent of a message: topic, class, key, and its JSON without the id, which only Redis knows. */
export function entryFields({ id, topic, delivery, key, json, message }: Envelope): string[] {
  const before = `{"id":"${id}",`;
  const { type, time, data } = message;
  const text = json.startsWith(before)
    ? `{${json.slice(before.length)}`
    : JSON.stringify({ type, topic, time, data });
  // A latest message without a key is one that must not be conflated.
  const mark = delivery.class === "latest" && key === undefined ? "d" : CLASSES[delivery.class];
  return [topic, mark, key ?? "", text];
}

/** `undefined` for an id that is none of ours. */
export function parseEntry([id, fields]: RawEntry): HistoryEntry | undefined {
  const seq = seqOfId(id);
  if (seq === undefined) return undefined;
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2)
    values.set(fields[at] ?? "", fields[at + 1] ?? "");
  const topic = values.get("t");
  return {
    seq,
    mark: values.get("b") ?? "",
    topic: isTopic(topic) ? topic : undefined,
    isEphemeral: values.get("c") === "e",
    message: (cursor) => parseMessage(values.get("m") ?? "", cursor, topic),
  };
}

/** The number in the id of an entry. */
export function seqOfId(id: string): number | undefined {
  const digits = /^([1-9]\d{0,15})-\d+$/.exec(id)?.[1];
  const seq = Number(digits);
  return digits !== undefined && Number.isSafeInteger(seq) ? seq : undefined;
}

function parseMessage(json: string, id: string, expectedTopic: unknown): Message {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Error("It is no object.");
  const { type, topic, time, data, ...rest } = parsed as Record<string, unknown>;
  const extra = Object.keys(rest)[0];
  if (extra !== undefined) throw new Error("It has a field that no message has.");
  if (typeof type !== "string" || type === "" || type.length > 200)
    throw new Error("Its type is none.");
  if (!isTopic(topic) || topic !== expectedTopic) throw new Error("Its topic is none.");
  if (typeof time !== "string" || !isInstant(time)) throw new Error("Its time is none.");
  if (data === undefined) throw new Error("It has no data.");
  return Object.freeze({ id, type, topic, time, data: copyPlain(data) });
}

function isInstant(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}
