import type { Envelope } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import type { Frames } from "./frames.js";
import type { Run } from "./runs.js";
import { SSE_HEADERS } from "./sse.js";
import type { Wire, WireOwner } from "./wire.js";

/** What the stream holds before it counts as full, in bytes: as much as a socket of Node. */
const HIGH_WATER_BYTES = 65_536;

/** SSE as a web stream, for runtimes other than Node and for HTTP/2. The reader's pull says when it has room. */
export class WebSseWire implements Wire {
  readonly transport = "sse";
  readonly answersPings = false;
  readonly response: Response;
  readonly #frames: Frames;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #owner: WireOwner | undefined;
  #awaitsDrain = false;
  #written = 0;

  constructor(frames: Frames, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.#frames = frames;
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pulled(),
        cancel: () => this.#gone(),
      },
      { highWaterMark: HIGH_WATER_BYTES, size: (bytes) => bytes.byteLength },
    );
    this.response = new Response(stream, { headers: { ...headers, ...SSE_HEADERS } });
    // Some runtimes cancel the stream of a peer that went, some abort its request. Nobody is left to be told an error, and
    // adapters such as Hono's would print it for each tab that is closed.
    signal.addEventListener("abort", () => this.end(), { once: true });
  }

  own(owner: WireOwner): void {
    this.#owner = owner;
  }

  get isBlocked(): boolean {
    return (this.#controller?.desiredSize ?? 1) <= 0;
  }

  get queuedBytes(): number {
    return HIGH_WATER_BYTES - (this.#controller?.desiredSize ?? HIGH_WATER_BYTES);
  }

  get drainedBytes(): number {
    return this.#written - this.queuedBytes;
  }

  writeRun(run: Run): number {
    return this.#write(this.#frames.run(run));
  }

  writeAll(envelopes: readonly Envelope[]): number {
    return this.#write(this.#frames.joined(envelopes));
  }

  writeControl(message: ControlMessage, retryMs?: number): number {
    return this.#write(this.#frames.control(message, retryMs));
  }

  writeRetry(retryMs: number): void {
    this.#write(this.#frames.retry(retryMs));
  }

  release(): void {}

  awaitDrain(): void {
    this.#awaitsDrain = true;
  }

  ping(): void {}

  end(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.close();
    this.#gone();
  }

  terminate(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.error(new Error("The connection was ended."));
    this.#gone();
  }

  #write(bytes: Uint8Array): number {
    if (this.#controller === undefined) return 0;
    this.#controller.enqueue(bytes);
    this.#written += bytes.length;
    return bytes.length;
  }

  #pulled(): void {
    if (!this.#awaitsDrain) return;
    this.#awaitsDrain = false;
    this.#owner?.drained();
  }

  #gone(): void {
    this.#controller = undefined;
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.ended();
  }
}
