import { Buffer } from "node:buffer";
import { InkwireError, type Topic } from "../protocol/index.js";
import { checkedTopic } from "./admission.js";

/** What a client may send over a WebSocket; anything else ends it. */
export type Command =
  | { readonly type: "wire.subscribe" | "wire.unsubscribe"; readonly topics: readonly Topic[] }
  | { readonly type: "wire.ping" }
  | { readonly type: "wire.token"; readonly token: string };

/** Of one frame from a client. */
export const MAX_COMMAND_BYTES = 16_384;

/**
 * Reads one frame: text, JSON, `{ type, data }` of a command.
 *
 * @param maxTopics - of one command.
 * @throws InkwireError `bad_request`, `too_large`
 */
export function parseCommand(frame: unknown, maxTopics: number): Command {
  if (typeof frame !== "string") throw bad("text, not binary");
  if (frame.length > MAX_COMMAND_BYTES || Buffer.byteLength(frame) > MAX_COMMAND_BYTES) {
    throw new InkwireError("too_large", `Expected at most ${MAX_COMMAND_BYTES} bytes.`);
  }
  const { type, data } = record(parseJson(frame));
  switch (type) {
    case "wire.subscribe":
    case "wire.unsubscribe":
      return { type, topics: readTopics(record(data)["topics"], maxTopics) };
    case "wire.ping":
      return { type };
    case "wire.token": {
      const { token } = record(data);
      if (typeof token !== "string") throw bad("a token");
      return { type, token };
    }
    default:
      throw bad("a command of the protocol");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bad("JSON");
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("an object");
  return value as Readonly<Record<string, unknown>>;
}

function readTopics(value: unknown, maxTopics: number): readonly Topic[] {
  if (!Array.isArray(value) || value.length > maxTopics) {
    throw bad(`a list of at most ${maxTopics} topics`);
  }
  return [...new Set(value.map(checkedTopic))];
}

function bad(expected: string): InkwireError {
  return new InkwireError("bad_request", `Expected ${expected}.`);
}
