import type { Socket } from "node:net";
import type { ServerResponse } from "node:http";
import type { Frames } from "./frames.js";
import { SocketWire } from "./socket-wire.js";
import { SSE_HEADERS } from "./sse.js";
import type { TcpEnds } from "./tcp-table.js";
import type { WireOwner } from "./wire.js";

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

export class NodeSseWire extends SocketWire {
  readonly #res: ServerResponse;
  readonly #socket: Socket;
  #owner: WireOwner | undefined;
  #isCorked = true;

  constructor(res: ServerResponse, socket: Socket, frames: Frames) {
    super(socket, frames);
    this.#res = res;
    this.#socket = socket;
  }

  get transport(): "sse" {
    return "sse";
  }

  get answersPings(): boolean {
    return false;
  }

  own(owner: WireOwner): void {
    this.#owner = owner;
    this.#res.once("close", () => this.#gone());
  }

  /** With TLS more bytes go out than were written. */
  get socket(): TcpEnds | undefined {
    return "encrypted" in this.#socket ? undefined : this.#socket;
  }

  writeRetry(retryMs: number): void {
    this.write(this.frames.retry(retryMs));
  }

  release(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }

  ping(): void {}

  end(): void {
    this.release();
    if (!this.#res.writableEnded) this.#res.end();
  }

  protected owner(): WireOwner | undefined {
    return this.#owner;
  }

  #gone(): void {
    this.release();
    this.#owner?.ended();
    this.#owner = undefined;
  }
}
