import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Peer } from "crossws";
import type { Envelope } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import { LARGE_BYTES, type Frames } from "./frames.js";
import { closeCodeOf, type Goodbye } from "./goodbye.js";
import { envelopesOf, type Run } from "./runs.js";
import type { Wire, WireOwner } from "./wire.js";

/** What is handed to a peer before it counts as full, where no socket says so. */
const HIGH_WATER_BYTES = 65_536;

/** A ping without a payload, ready for the socket (RFC 6455 section 5.5.2). */
const PING_FRAME = Buffer.from([0x89, 0x00]);

/** The part of a Node socket that is used. */
export type RawSocket = Duplex & { readonly bytesWritten?: number };

/**
 * A WebSocket under Node: frames that are ready and shared go straight to the socket that was upgraded. The library writes
 * whole frames in one go too, as nothing is compressed, so the two never mix inside one.
 */
export class NodeWebSocketWire implements Wire {
  readonly transport = "websocket";
  readonly answersPings = true;
  readonly #peer: Peer;
  readonly #socket: RawSocket;
  readonly #frames: Frames;
  readonly #owner: () => WireOwner | undefined;
  #awaitsDrain = false;

  /** @param owner - asked when something has happened: it is made after its wire. */
  constructor(peer: Peer, socket: RawSocket, frames: Frames, owner: () => WireOwner | undefined) {
    this.#peer = peer;
    this.#socket = socket;
    this.#frames = frames;
    this.#owner = owner;
  }

  get isBlocked(): boolean {
    return this.#socket.writableNeedDrain;
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  get drainedBytes(): number {
    return (this.#socket.bytesWritten ?? 0) - this.#socket.writableLength;
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

  writeControl(message: ControlMessage): number {
    return this.#write(this.#frames.control(message));
  }

  release(): void {}

  awaitDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#socket.once("drain", () => {
      this.#awaitsDrain = false;
      this.#owner()?.drained();
    });
  }

  ping(): void {
    this.#write(PING_FRAME);
  }

  end({ code }: Pick<Goodbye, "code">): void {
    this.#peer.close(closeCodeOf(code), code);
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
    if (!this.#socket.writable) return 0;
    this.#socket.write(bytes);
    return bytes.length;
  }
}

/** A WebSocket of any other runtime, through what crossws has of it. */
export class PeerWebSocketWire implements Wire {
  readonly transport = "websocket";
  readonly answersPings = true;
  readonly #peer: Peer;
  #written = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  get isBlocked(): boolean {
    return this.queuedBytes >= HIGH_WATER_BYTES;
  }

  get queuedBytes(): number {
    return this.#peer.bufferedAmount;
  }

  get drainedBytes(): number {
    return this.#written - this.queuedBytes;
  }

  writeRun(run: Run): number {
    return this.writeAll(envelopesOf(run));
  }

  writeAll(envelopes: readonly Envelope[]): number {
    let bytes = 0;
    for (const envelope of envelopes) bytes += this.#send(envelope.json, envelope.bytes);
    return bytes;
  }

  writeControl(message: ControlMessage): number {
    const json = JSON.stringify(message);
    return this.#send(json, json.length);
  }

  release(): void {}

  /** The `drain` hook tells, and the sweep looks too: not every runtime has the hook. */
  awaitDrain(): void {}

  ping(): void {
    this.#peer.ping();
  }

  end({ code }: Pick<Goodbye, "code">): void {
    this.#peer.close(closeCodeOf(code), code);
  }

  terminate(): void {
    this.#peer.terminate();
  }

  #send(text: string, bytes: number): number {
    this.#peer.send(text, { compress: false });
    this.#written += bytes;
    return bytes;
  }
}
