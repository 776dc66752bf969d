import { Buffer } from "node:buffer";
import type { Envelope } from "../bus/types.js";
import { encodeSse, type ControlMessage } from "../protocol/index.js";
import { SSE_AFTER, sseBefore } from "../protocol/sse.js";
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

  /** Where a history keeps the message, these bytes are what it keeps: it is written once, and the JSON is a part of it. */
  #encode(envelope: Envelope): Buffer {
    const { id, type, json, bytes } = envelope;
    // JSON that is all ASCII, with the id and the type in it: there is nothing to count.
    const isAscii = bytes === json.length;
    if (this.#format === "websocket") {
      const kept = isAscii ? envelope.frame?.(textFrameHead(bytes), "") : undefined;
      return kept ?? textFrame(json, bytes);
    }
    const before = sseBefore(id, type);
    if (this.#format === "sse") {
      return (
        envelope.frame?.(before, SSE_AFTER) ??
        Buffer.from(`${before}${json}${SSE_AFTER}`, isAscii ? "latin1" : "utf8")
      );
    }
    const head = `${(before.length + bytes + SSE_AFTER.length).toString(16)}\r\n${before}`;
    return (
      envelope.frame?.(head, CHUNK_AFTER) ??
      Buffer.from(`${head}${json}${CHUNK_AFTER}`, isAscii ? "latin1" : "utf8")
    );
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

  #wrap(text: string): Buffer {
    if (this.#format === "sse") return Buffer.from(text);
    // A chunk of HTTP/1.1, ready for the socket (RFC 9112 section 7.1).
    return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  }
}

const NOTHING = Buffer.alloc(0);
const CHUNK_AFTER = `${SSE_AFTER}\r\n`;
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
  const head = textFrameHead(length);
  const frame = Buffer.allocUnsafe(head.length + length);
  frame.write(head, 0, "latin1");
  frame.write(text, head.length);
  return frame;
}

/** What stands before `length` bytes of text, one character a byte. */
function textFrameHead(length: number): string {
  if (length < 126) return String.fromCharCode(0x81, length);
  if (length < 65_536) return String.fromCharCode(0x81, 126, length >>> 8, length & 0xff);
  // More than 4 GiB is no length of ours.
  const bytes = [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
  return String.fromCharCode(0x81, 127, 0, 0, 0, 0, ...bytes);
}
