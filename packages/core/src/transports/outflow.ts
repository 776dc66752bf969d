import type { Envelope, Receiver } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import { Backlog, type Tally } from "./backlog.js";
import type { Flushable } from "./flush.js";
import type { Hub } from "./hub.js";
import type { Wire } from "./wire.js";

/** Decides what becomes of a peer that can't be written to as it should. */
export interface OutflowOwner {
  /** There is no room for what may not be dropped. */
  fellBehind(): void;
  failed(error: unknown): void;
}

/**
 * What goes out to one peer. What is published waits in its backlog; `flush` writes it, once a turn:
 *
 *     held ──start──▶ flowing ──stop──▶ stopped
 */
export class Outflow implements Flushable, Receiver, Tally {
  bytes = 0;
  messages = 0;
  readonly #hub: Hub;
  readonly #wire: Wire;
  readonly #owner: OutflowOwner;
  readonly #backlog: Backlog;
  readonly #openedAt: number;
  /** When something was last written, from `#openedAt` on: a time of the clock would be an object of its own, with each write. */
  #wroteAfterMs = 0;
  #state: "held" | "flowing" | "stopped" = "held";
  /** Everything up to this number the peer has, or it was told that it has not. */
  #through = 0;
  /** Stands in the flusher's list, or waits for its wire to drain. */
  #isScheduled = false;

  constructor(hub: Hub, wire: Wire, owner: OutflowOwner, nowMs: number) {
    this.#hub = hub;
    this.#wire = wire;
    this.#owner = owner;
    this.#backlog = new Backlog(hub.backlogLimits);
    this.#openedAt = nowMs;
  }

  /** When something was last written. */
  get wroteAt(): number {
    return this.#openedAt + this.#wroteAfterMs;
  }

  /** From here on what waits may go out: first what is replayed, and what was published meanwhile and is in it not again. */
  start(replay: readonly Envelope[], throughSeq: number): void {
    this.#backlog.begin(replay, throughSeq);
    this.#through = throughSeq;
    this.#state = "flowing";
  }

  /** Lets go of what waits. */
  stop(): void {
    this.#state = "stopped";
    this.#backlog.clear();
  }

  deliver(envelope: Envelope): void {
    if (this.#state === "stopped" || envelope.seq <= this.#through) return;
    if (!this.#backlog.push(envelope) && !this.#makeRoomFor(envelope)) {
      this.#owner.fellBehind();
    } else if (!this.#isScheduled) this.schedule();
  }

  schedule(): void {
    if (this.#isScheduled || this.#state === "stopped") return;
    this.#isScheduled = true;
    this.#hub.flusher.add(this);
  }

  flush(nowMs: number): void {
    this.#isScheduled = false;
    if (this.#state === "stopped") return;
    try {
      this.write(nowMs);
      this.#wire.release();
    } catch (error) {
      this.#owner.failed(error);
    }
  }

  /** There is room again. */
  drained(): void {
    this.#isScheduled = false;
    this.schedule();
  }

  /** Writes a part of what waits now, as far as the wire takes it. */
  write(nowMs: number): void {
    if (this.#state !== "flowing" || this.#backlog.isEmpty) return;
    if (this.#wire.isBlocked) {
      this.#isScheduled = true;
      this.#wire.awaitDrain();
      return;
    }
    this.#backlog.writeTo(this.#wire, this);
    this.#wroteAfterMs = nowMs - this.#openedAt;
    if (!this.#backlog.isEmpty) this.schedule();
  }

  /** Writes a message of the protocol now, before what waits. */
  control(message: ControlMessage, nowMs: number, retryMs?: number): void {
    this.#count(this.#wire.writeControl(message, retryMs));
    this.#wroteAfterMs = nowMs - this.#openedAt;
  }

  wrote(messages: number, bytes: number): void {
    this.messages += messages;
    this.#hub.totals.deliveredMessages += messages;
    this.#count(bytes);
  }

  /** Nothing waits for it: a cursor at the head would skip nothing. */
  get isQuiet(): boolean {
    return this.#state === "flowing" && this.#backlog.isEmpty;
  }

  get queuedBytes(): number {
    return this.#backlog.bytes + this.#wire.queuedBytes;
  }

  get stats(): Backlog["stats"] {
    return this.#backlog.stats;
  }

  /** Not every runtime says when there is room again. */
  nudge(): void {
    if (!this.#wire.isBlocked && !this.#backlog.isEmpty) this.drained();
  }

  /** A burst within one turn is no slowness of the reader: what it can take goes out before its time. */
  #makeRoomFor(envelope: Envelope): boolean {
    if (this.#state !== "flowing") return false;
    while (!this.#wire.isBlocked && !this.#backlog.isEmpty) this.write(this.#hub.options.now());
    return this.#backlog.push(envelope);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#hub.totals.deliveredBytes += bytes;
  }
}
