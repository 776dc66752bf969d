import { Buffer } from "node:buffer";
import type { Peer } from "crossws";
import type { Envelope } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import type { Frames } from "./frames.js";
import { closeCodeOf, type Goodbye } from "./goodbye.js";
import { envelopesOf, type Run } from "./runs.js";
import { SocketWire, type RawSocket } from "./socket-wire.js";
import type { Wire, WireOwner } from "./wire.js";

/** What is handed to a peer before it counts as full, where no socket says so. */
const HIGH_WATER_BYTES = 65_536;

/** A ping without a payload, ready for the socket (RFC 6455 section 5.5.2). */
const PING_FRAME = Buffer.from([0x89, 0x00]);

/** A WebSocket under Node. The library writes whole frames in one go too, as nothing is compressed, so the two never mix inside one. */
export class NodeWebSocketWire extends SocketWire {
  readonly transport = "websocket";
  readonly answersPings = true;
  readonly #peer: Peer;
  readonly #owner: () => WireOwner | undefined;

  /** @param owner - asked when something has happened: it is made after its wire. */
  constructor(peer: Peer, socket: RawSocket, frames: Frames, owner: () => WireOwner | undefined) {
    super(socket, frames);
    this.#peer = peer;
    this.#owner = owner;
  }

  release(): void {}

  ping(): void {
    this.write(PING_FRAME);
  }

  end({ code }: Pick<Goodbye, "code">): void {
    this.#peer.close(closeCodeOf(code), code);
  }

  protected owner(): WireOwner | undefined {
    return this.#owner();
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
