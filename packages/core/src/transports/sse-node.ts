import type { Socket } from "node:net";
import type { ServerResponse } from "node:http";
import type { Envelope } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import { LARGE_BYTES, type Frames } from "./frames.js";
import { envelopesOf, type Run } from "./runs.js";
import { SSE_HEADERS } from "./sse.js";
import type { TcpEnds } from "./tcp-table.js";
import type { Wire, WireOwner } from "./wire.js";

/** The frames of SSE under Node: as chunks of HTTP/1.1, and bare for HTTP/1.0, which has no chunks. */
export interface SseFrames {
  readonly chunk: Frames;
  readonly plain: Frames;
}

/** After so many milliseconds of silence the system asks the peer for a sign of life, as far as it can. */
const KEEP_ALIVE_MS = 15_000;

/**
 * SSE on a response of Node. Chunks that are ready and shared go straight to the socket: `res.write` would make four
 * writes of each. That is only right as long as the response itself has nothing under way, so its head goes out first, and
 * its end comes by `res.end()`, which ends the chunks properly and leaves the socket for the next request.
 *
 * The head is held back until {@link Wire.release}, to leave together with the verdict.
 *
 * @returns `undefined` where this response is not the next one of its socket, or the peer has gone already.
 */
export function openNodeSse(
  res: ServerResponse,
  frames: SseFrames,
  headers: Readonly<Record<string, string>>,
  retryMs: number,
): NodeSseWire | undefined {
  const { socket } = res;
  if (socket === null || socket.destroyed || res.headersSent || res.writableEnded) return undefined;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setTimeout(0);
  socket.cork();
  res.writeHead(200, { ...headers, ...SSE_HEADERS });
  res.flushHeaders();
  // `chunkedEncoding` is what Node has decided for this request, once its head is written.
  const isChunked = (res as { readonly chunkedEncoding?: boolean }).chunkedEncoding === true;
  const wire = new NodeSseWire(res, socket, isChunked ? frames.chunk : frames.plain);
  wire.writeRetry(retryMs);
  return wire;
}

export class NodeSseWire implements Wire {
  readonly transport = "sse";
  readonly answersPings = false;
  readonly #res: ServerResponse;
  readonly #socket: Socket;
  readonly #frames: Frames;
  #owner: WireOwner | undefined;
  #isCorked = true;
  #awaitsDrain = false;

  constructor(res: ServerResponse, socket: Socket, frames: Frames) {
    this.#res = res;
    this.#socket = socket;
    this.#frames = frames;
  }

  own(owner: WireOwner): void {
    this.#owner = owner;
    this.#res.once("close", () => this.#gone());
  }

  /** With TLS more bytes go out than were written. */
  get socket(): TcpEnds | undefined {
    return "encrypted" in this.#socket ? undefined : this.#socket;
  }

  get isBlocked(): boolean {
    return this.#socket.writableNeedDrain;
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get drainedBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  writeRun(run: Run): number {
    // One alone is what each of those who keep up has to write.
    if (run.before === undefined) return this.#write(this.#frames.run(run));
    const apart =
      run.bytes > run.count * LARGE_BYTES ? this.#frames.apart(envelopesOf(run)) : undefined;
    return apart === undefined ? this.#write(this.#frames.run(run)) : this.#writeEach(apart);
  }

  writeAll(envelopes: readonly Envelope[]): number {
    const apart = this.#frames.apart(envelopes);
    return apart === undefined
      ? this.#write(this.#frames.joined(envelopes))
      : this.#writeEach(apart);
  }

  writeControl(message: ControlMessage, retryMs?: number): number {
    return this.#write(this.#frames.control(message, retryMs));
  }

  writeRetry(retryMs: number): void {
    this.#write(this.#frames.retry(retryMs));
  }

  writeBytes(bytes: Uint8Array): void {
    this.#write(bytes);
  }

  release(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }

  awaitDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#socket.once("drain", () => {
      this.#awaitsDrain = false;
      this.#owner?.drained();
    });
  }

  ping(): void {}

  end(): void {
    this.release();
    if (!this.#res.writableEnded) this.#res.end();
  }

  terminate(): void {
    this.#socket.destroy();
  }

  /** In one call to the system, without a copy. */
  #writeEach(frames: readonly Buffer[]): number {
    this.#socket.cork();
    let bytes = 0;
    for (const frame of frames) bytes += this.#write(frame);
    this.#socket.uncork();
    return bytes;
  }

  #write(bytes: Uint8Array): number {
    // A peer that has gone is told of by `close`; writing to it would be an error on the server's socket.
    if (!this.#socket.writable) return 0;
    this.#socket.write(bytes);
    return bytes.length;
  }

  #gone(): void {
    this.release();
    this.#owner?.ended();
    this.#owner = undefined;
  }
}
