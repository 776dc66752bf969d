import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Envelope } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import { LARGE_BYTES, type Frames } from "./frames.js";
import type { Goodbye } from "./goodbye.js";
import { envelopesOf, type Run } from "./runs.js";
import type { TransportName } from "./types.js";
import type { Wire, WireOwner } from "./wire.js";

/** The part of a Node socket that is used. */
export type RawSocket = Duplex & { readonly bytesWritten?: number };

/**
 * What SSE and WebSocket have in common under Node: frames that are ready and shared go straight to the socket. How the two
 * begin and end is their own.
 */
export abstract class SocketWire implements Wire {
  abstract readonly transport: TransportName;
  abstract readonly answersPings: boolean;
  protected readonly stream: RawSocket;
  protected readonly frames: Frames;
  #awaitsDrain = false;

  constructor(stream: RawSocket, frames: Frames) {
    this.stream = stream;
    this.frames = frames;
  }

  /** Who is told: asked when something has happened, since a wire is there before its connection. */
  protected abstract owner(): WireOwner | undefined;
  abstract release(): void;
  abstract ping(): void;
  abstract end(goodbye: Pick<Goodbye, "code">): void;

  get isBlocked(): boolean {
    return this.stream.writableNeedDrain;
  }

  get queuedBytes(): number {
    return this.stream.writableLength;
  }

  get drainedBytes(): number {
    return (this.stream.bytesWritten ?? 0) - this.stream.writableLength;
  }

  writeRun(run: Run): number {
    // One alone is what each of those who keep up has to write.
    if (run.before === undefined) return this.write(this.frames.run(run));
    const apart =
      run.bytes > run.count * LARGE_BYTES ? this.frames.apart(envelopesOf(run)) : undefined;
    return apart === undefined ? this.write(this.frames.run(run)) : this.#writeEach(apart);
  }

  writeAll(envelopes: readonly Envelope[]): number {
    const apart = this.frames.apart(envelopes);
    return apart === undefined ? this.write(this.frames.joined(envelopes)) : this.#writeEach(apart);
  }

  writeControl(message: ControlMessage, retryMs?: number): number {
    return this.write(this.frames.control(message, retryMs));
  }

  awaitDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.stream.once("drain", () => {
      this.#awaitsDrain = false;
      this.owner()?.drained();
    });
  }

  terminate(): void {
    this.stream.destroy();
  }

  protected write(bytes: Uint8Array): number {
    // A peer that has gone is told of by `close`; writing to it would be an error on the server's socket.
    if (!this.stream.writable) return 0;
    this.stream.write(bytes);
    return bytes.length;
  }

  /** In one call to the system, without a copy. */
  #writeEach(frames: readonly Buffer[]): number {
    this.stream.cork();
    let bytes = 0;
    for (const frame of frames) bytes += this.write(frame);
    this.stream.uncork();
    return bytes;
  }
}
