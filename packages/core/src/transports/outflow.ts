import type { Envelope, Receiver } from "../bus/types.js";
import type { ControlMessage } from "../protocol/index.js";
import { Backlog, type Tally } from "./backlog.js";
import type { Flushable } from "./flush.js";
import type { Hub } from "./hub.js";
import { envelopesOf, type Run } from "./runs.js";
import type { Wire } from "./wire.js";

/** Decides what becomes of a peer that can't be written to as it should. */
export interface OutflowOwner {
  /** There is no room for what may not be dropped. */
  fellBehind(): void;
  failed(error: unknown): void;
}

/**
 * What goes out to one peer. What is published waits here, and `flush` writes it, once a turn:
 *
 *     held ──start──▶ flowing ──stop──▶ stopped
 *
 * As long as the peer keeps up, what waits is a run that it shares with its neighbours; once it is behind, a backlog of its own.
 * Between two messages to a thousand peers the system has used the processor's caches for its own, so what a delivery costs
 * here is how many objects it has to look at: nothing of the common case is anywhere else.
 */
export class Outflow implements Flushable, Receiver, Tally {
  bytes = 0;
  messages = 0;
  readonly #hub: Hub;
  readonly #wire: Wire;
  readonly #owner: OutflowOwner;
  #run: Run | undefined;
  #backlog: Backlog | undefined;
  /** When something was last written, since the hub began: a time of the clock would be an object of its own, with each write. */
  #wroteAfterMs: number;
  #state: "held" | "flowing" | "stopped" = "held";
  /** Everything up to this number the peer has, or it was told that it has not. */
  #through = 0;
  /** Stands in the flusher's list, or waits for its wire to drain. */
  #isScheduled = false;

  constructor(hub: Hub, wire: Wire, owner: OutflowOwner, nowMs: number) {
    this.#hub = hub;
    this.#wire = wire;
    this.#owner = owner;
    this.#wroteAfterMs = nowMs - hub.startedAt;
  }

  /** When something was last written. */
  get wroteAt(): number {
    return this.#hub.startedAt + this.#wroteAfterMs;
  }

  /** From here on what waits may go out: first what is replayed, and what was published meanwhile and is in it not again. */
  start(replay: readonly Envelope[], throughSeq: number): void {
    this.#through = throughSeq;
    this.#state = "flowing";
    if (this.#backlog === undefined && replay.length === 0) return;
    this.#backlog ??= new Backlog(this.#hub.backlogLimits, true);
    this.#backlog.begin(replay, throughSeq);
    this.#catchUp();
  }

  /** Lets go of what waits. */
  stop(): void {
    this.#state = "stopped";
    this.#run = undefined;
    this.#letGoOfBacklog();
  }

  deliver(envelope: Envelope): void {
    if (this.#state === "stopped" || envelope.seq <= this.#through) return;
    if (!this.#push(envelope) && !this.#makeRoomFor(envelope)) {
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
    const run = this.#run;
    const backlog = this.#backlog;
    if (this.#state !== "flowing" || (run === undefined && backlog === undefined)) return;
    if (this.#wire.isBlocked) {
      this.#isScheduled = true;
      this.#wire.awaitDrain();
      return;
    }
    this.#wroteAfterMs = nowMs - this.#hub.startedAt;
    if (run !== undefined) {
      this.#run = undefined;
      this.wrote(run.count, this.#wire.writeRun(run));
    } else if (backlog !== undefined) {
      backlog.writeTo(this.#wire, this);
      this.#catchUp();
      if (!this.isEmpty) this.schedule();
    }
  }

  /** Writes a message of the protocol now, before what waits. */
  control(message: ControlMessage, nowMs: number, retryMs?: number): void {
    this.#count(this.#wire.writeControl(message, retryMs));
    this.#wroteAfterMs = nowMs - this.#hub.startedAt;
  }

  wrote(messages: number, bytes: number): void {
    this.messages += messages;
    this.#hub.totals.deliveredMessages += messages;
    this.#count(bytes);
  }

  /** Nothing waits for it: a cursor at the head would skip nothing. */
  get isQuiet(): boolean {
    return this.#state === "flowing" && this.isEmpty;
  }

  get isEmpty(): boolean {
    return this.#run === undefined && this.#backlog === undefined;
  }

  get queuedBytes(): number {
    return this.#wire.queuedBytes + (this.#run?.bytes ?? this.stats.queuedBytes);
  }

  /** Of what waits now; what was conflated and shed before stands in the totals. */
  get stats(): Backlog["stats"] {
    return this.#backlog?.stats ?? NOTHING;
  }

  /** Not every runtime says when there is room again. */
  nudge(): void {
    if (!this.#wire.isBlocked && !this.isEmpty) this.drained();
  }

  #push(envelope: Envelope): boolean {
    const { runs, maxRunBytes } = this.#hub.backlogLimits;
    const run = this.#run;
    const keepsUp = this.#backlog === undefined && this.#state === "flowing";
    if (!keepsUp || (run?.bytes ?? 0) + envelope.bytes > maxRunBytes) return this.#queue(envelope);
    this.#run = runs.extend(run, envelope);
    return true;
  }

  #queue(envelope: Envelope): boolean {
    this.#backlog ??= new Backlog(this.#hub.backlogLimits, this.#state === "held");
    if (this.#run !== undefined) {
      for (const waiting of envelopesOf(this.#run)) this.#backlog.push(waiting);
      this.#run = undefined;
    }
    return this.#backlog.push(envelope);
  }

  /** One that has caught up goes without a backlog again. */
  #catchUp(): void {
    if (this.#backlog?.isEmpty === true) this.#letGoOfBacklog();
  }

  #letGoOfBacklog(): void {
    const { conflated, shed } = this.stats;
    this.#hub.totals.conflated += conflated;
    this.#hub.totals.shed += shed;
    this.#backlog = undefined;
  }

  /** A burst within one turn is no slowness of the reader: what it can take goes out before its time. */
  #makeRoomFor(envelope: Envelope): boolean {
    if (this.#state !== "flowing") return false;
    while (!this.#wire.isBlocked && !this.isEmpty) this.write(this.#hub.options.now());
    return this.#push(envelope);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    this.#hub.totals.deliveredBytes += bytes;
  }
}

const NOTHING: Backlog["stats"] = { queuedBytes: 0, conflated: 0, shed: 0 };
