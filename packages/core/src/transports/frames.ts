import { Buffer } from "node:buffer";
import type { Envelope } from "../bus/types.js";
import { encodeSse, type ControlMessage } from "../protocol/index.js";
import { envelopesOf, type Run } from "./runs.js";

/** How a message stands on a wire. */
export type FrameFormat = "sse" | "sse_chunk" | "websocket";

/**
 * The bytes of messages in one format: made once and shared by every connection. Small ones are kept with the message once
 * they are asked for a second time, for those who come back and replay it; large ones only for a moment, since a second copy
 * of each would double the memory of the history. What was joined last is kept for that moment too: in a storm many come
 * back from the same place.
 */
export class Frames {
  readonly #format: FrameFormat;
  #run: Run | undefined;
  #runBytes: Buffer = NOTHING;
  /** The newest of the large ones, oldest first. */
  readonly #large = new Map<Envelope, Buffer>();
  #largeTotal = 0;
  #list: readonly Envelope[] = [];
  #listBytes: Buffer = NOTHING;
  #control: ControlMessage | undefined;
  #controlBytes: Buffer = NOTHING;

  constructor(format: FrameFormat) {
    this.#format = format;
  }

  run(run: Run): Buffer {
    if (run === this.#run) return this.#runBytes;
    this.#run = run;
    this.#runBytes =
      run.before === undefined ? this.#bytesOf(run.envelope) : this.#join(envelopesOf(run));
    return this.#runBytes;
  }

  /**
   * The frames of messages that are so large that joining them would copy more than it saves; `undefined` for others. Those who
   * are behind stand at different places, and share each frame all the same.
   */
  apart(envelopes: readonly Envelope[]): readonly Buffer[] | undefined {
    const isLarge = envelopes.some(({ bytes }) => bytes > LARGE_BYTES);
    return isLarge ? envelopes.map((envelope) => this.#bytesOf(envelope)) : undefined;
  }

  /** One buffer for all of them; neighbours with the same list get the same buffer. */
  joined(envelopes: readonly Envelope[]): Buffer {
    if (isSame(envelopes, this.#list)) return this.#listBytes;
    this.#list = envelopes;
    this.#listBytes = this.#join(envelopes);
    return this.#listBytes;
  }

  control(message: ControlMessage, retryMs?: number): Buffer {
    if (retryMs !== undefined) return this.#encodeControl(message, retryMs);
    if (message !== this.#control) {
      this.#control = message;
      this.#controlBytes = this.#encodeControl(message);
    }
    return this.#controlBytes;
  }

  /** The `retry:` that a stream begins with. */
  retry(retryMs: number): Buffer {
    return this.#wrap(encodeSse({ retry: retryMs }));
  }

  /** Lets go of what was shared last. */
  clear(): void {
    this.#large.clear();
    this.#largeTotal = 0;
    this.#run = undefined;
    this.#runBytes = NOTHING;
    this.#list = [];
    this.#listBytes = NOTHING;
    this.#control = undefined;
    this.#controlBytes = NOTHING;
  }

  #join(envelopes: readonly Envelope[]): Buffer {
    return Buffer.concat(envelopes.map((envelope) => this.#bytesOf(envelope)));
  }

  #bytesOf(envelope: Envelope): Buffer {
    if (envelope.bytes > LARGE_BYTES) return this.#largeBytesOf(envelope);
    if (envelope.wire === undefined) {
      // Most messages are asked for once, as most topics have one reader.
      envelope.wire = ASKED_ONCE;
      return this.#encode(envelope);
    }
    if (envelope.wire === ASKED_ONCE) envelope.wire = {};
    const kept = envelope.wire as Partial<Record<FrameFormat, Buffer>>;
    return (kept[this.#format] ??= this.#encode(envelope));
  }

  #largeBytesOf(envelope: Envelope): Buffer {
    const known = this.#large.get(envelope);
    if (known !== undefined) return known;
    const frame = this.#encode(envelope);
    this.#large.set(envelope, frame);
    this.#largeTotal += frame.length;
    for (const [oldest, { length }] of this.#large) {
      if (this.#largeTotal <= MAX_LARGE_TOTAL_BYTES) break;
      this.#large.delete(oldest);
      this.#largeTotal -= length;
    }
    return frame;
  }

  #encode(envelope: Envelope): Buffer {
    const { id, type, json, bytes } = envelope;
    if (this.#format === "websocket") return textFrame(json, bytes);
    const text = encodeSse({ id, event: type, data: json });
    // JSON that is all ASCII, with the id and the type in it: there is nothing to count.
    return this.#wrap(text, bytes === json.length);
  }

  #encodeControl(message: ControlMessage, retryMs?: number): Buffer {
    const json = JSON.stringify(message);
    if (this.#format === "websocket") return textFrame(json);
    return this.#wrap(
      encodeSse({
        ...(retryMs === undefined ? {} : { retry: retryMs }),
        ...(message.id === undefined ? {} : { id: message.id }),
        event: message.type,
        data: json,
      }),
    );
  }

  #wrap(text: string, isAscii = false): Buffer {
    const encoding = isAscii ? "latin1" : "utf8";
    if (this.#format === "sse") return Buffer.from(text, encoding);
    // A chunk of HTTP/1.1, ready for the socket (RFC 9112 section 7.1).
    const size = isAscii ? text.length : Buffer.byteLength(text);
    return Buffer.from(`${size.toString(16)}\r\n${text}\r\n`, encoding);
  }
}

const NOTHING = Buffer.alloc(0);
const ASKED_ONCE = Object.freeze({});
/** JSON of more bytes than this is not kept in its wire form too, and not joined. */
export const LARGE_BYTES = 4096;
/** Of the frames of larger ones together: about what one who keeps up with some delay is behind. */
const MAX_LARGE_TOTAL_BYTES = 1_048_576;

function isSame(a: readonly Envelope[], b: readonly Envelope[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** An unmasked text frame with its end, ready for the socket (RFC 6455 section 5.2). */
function textFrame(text: string, length = Buffer.byteLength(text)): Buffer {
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame[0] = 0x81;
  if (head === 2) frame[1] = length;
  else if (head === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, head);
  return frame;
}
