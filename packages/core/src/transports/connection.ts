import type { Identity } from "../auth/identity.js";
import type { Attachment, Envelope } from "../bus/types.js";
import {
  parseCursor,
  type ControlData,
  type ControlMessage,
  type ControlType,
  type Cursor,
  type RefusalCode,
  type ResumeVerdict,
  type Topic,
} from "../protocol/index.js";
import { Backlog, type Tally } from "./backlog.js";
import { controlMessage, isoOf } from "./control-message.js";
import type { Flushable } from "./flush.js";
import { goodbyeMessage, goodbyes, retryOf, type GoodbyeKind } from "./goodbye.js";
import type { Hub } from "./hub.js";
import { Liveness } from "./liveness.js";
import type { TcpEnds, TcpTable } from "./tcp-table.js";
import type { CloseReason, ConnectionInfo, TransportName } from "./types.js";
import type { Wire, WireOwner } from "./wire.js";

/** How long clients wait that were cut off for being slow, at most: they shall not come back in step. */
const SLOW_RECONNECT_MS = 2_000;

/**
 * One reader on one wire, whatever the transport:
 *
 *     opening ──verdict──▶ live ──goodbye──▶ leaving ──▶ gone
 *        └──────────────────┴────────peer ended──────────▲
 *
 * What is published waits in its backlog; `flush` writes it, once a turn.
 * It holds no timer: the sweep looks after time.
 */
export class Connection implements Flushable, WireOwner, Tally {
  readonly id: string;
  readonly transport: TransportName;
  readonly openedAt: number;
  identity: Identity;
  /** When something was last written. */
  wroteAt: number;
  /** It was told that its token ends soon. */
  wasWarned = false;
  /** When it is told to come back to a younger connection. */
  readonly rotateAt: number;
  readonly #hub: Hub;
  readonly #wire: Wire;
  #attachment: Attachment | undefined;
  #state: "opening" | "live" | "leaving" | "gone" = "opening";
  readonly #backlog: Backlog;
  /** Everything up to this number it has, or it was told that it has not. */
  #through = 0;
  /** Stands in the flusher's list, or waits for its wire to drain. */
  #isScheduled = false;
  #bytes = 0;
  #messages = 0;
  readonly #liveness: Liveness;
  /** When one that is leaving is cut. */
  #leaveBy = 0;

  constructor(hub: Hub, wire: Wire, id: string, identity: Identity) {
    const { now, random, maxAgeMs } = hub.options;
    this.#hub = hub;
    this.#wire = wire;
    this.#backlog = new Backlog(hub.backlogLimits);
    this.id = id;
    this.transport = wire.transport;
    this.identity = identity;
    this.openedAt = now();
    this.wroteAt = this.openedAt;
    this.#liveness = new Liveness(this.openedAt);
    this.rotateAt =
      maxAgeMs === undefined ? Infinity : this.openedAt + maxAgeMs * (0.8 + 0.2 * random());
  }

  get userId(): string {
    return this.identity.userId;
  }

  get topics(): ReadonlySet<Topic> {
    return this.#attachment?.topics ?? NO_TOPICS;
  }

  get isOpen(): boolean {
    return this.#state === "opening" || this.#state === "live";
  }

  info(): ConnectionInfo {
    const { id, userId, transport, openedAt } = this;
    const { expiresAt } = this.identity;
    return { id, userId, transport, topics: [...this.topics], openedAt, expiresAt };
  }

  /** Attaches first, then replays: what is published meanwhile waits, and what the replay says too is dropped. */
  open(topics: readonly Topic[], after: Cursor | undefined): void {
    const { bus } = this.#hub.options;
    this.#hub.registry.add(this);
    this.#hub.totals.opened += 1;
    const head = bus.head();
    this.#attachment = bus.attach(topics, (envelope) => this.deliver(envelope));
    if (after === undefined) {
      this.#through = parseCursor(head)?.seq ?? 0;
      this.#backlog.begin([], this.#through);
      this.#begin("fresh", [], head, 0);
      return;
    }
    // The head of the answer goes out with the verdict, and by itself if that takes its time.
    this.#schedule();
    this.#resume(topics, after).catch((error: unknown) => this.#fail(error));
  }

  deliver(envelope: Envelope): void {
    if (!this.isOpen || envelope.seq <= this.#through) return;
    if (!this.#backlog.push(envelope) && !this.#makeRoomFor(envelope)) {
      return this.say("slow", this.#jitter(SLOW_RECONNECT_MS));
    }
    if (!this.#isScheduled) this.#schedule();
  }

  flush(nowMs: number): void {
    this.#isScheduled = false;
    if (!this.isOpen) return;
    try {
      if (this.#state === "live") this.#write(nowMs);
      this.#wire.release();
    } catch (error) {
      this.#fail(error);
    }
  }

  wrote(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#hub.totals.deliveredMessages += messages;
    this.#count(bytes);
  }

  drained(): void {
    this.#isScheduled = false;
    this.#schedule();
  }

  /** Writes a message of the protocol now, before what waits. With an `id` only where nothing waits: see {@link isQuiet}. */
  control<T extends ControlType>(type: T, data: ControlData[T], id?: Cursor): void {
    if (!this.isOpen) return;
    this.controlMessage(controlMessage(type, data, this.#hub.options.now(), id));
  }

  controlMessage(message: ControlMessage): void {
    this.#count(this.#wire.writeControl(message));
    this.wroteAt = this.#hub.options.now();
    // A peer that asks and never reads must not make us keep the answers.
    if (this.#wire.queuedBytes > this.#hub.options.maxOutboxBytes) this.vanish("slow");
  }

  /** Nothing waits for it: a cursor at the head would skip nothing. */
  get isQuiet(): boolean {
    return this.#state === "live" && this.#backlog.isEmpty;
  }

  /** Says goodbye, lets go of everything, and ends the wire after what was written. */
  say(kind: GoodbyeKind, reconnectMs: number): void {
    if (!this.isOpen) return;
    const { now } = this.#hub.options;
    const goodbye = goodbyes[kind];
    const ms = Math.floor(reconnectMs);
    try {
      // What fits is sent before; the rest it gets from history.
      if (this.#state === "live" && kind !== "slow") this.#write(now());
      const message = goodbyeMessage(goodbye, ms, now());
      this.#count(this.#wire.writeControl(message, retryOf(goodbye, ms)));
      this.#wire.release();
    } catch {
      return this.vanish("failed");
    }
    if (kind === "slow") this.#hub.totals.slow += 1;
    this.#leave(kind, goodbye.code);
  }

  /**
   * Ends at once: the peer is gone, or what it sent can't be answered. Where a `code` is given it is sent first, for a peer that
   * still hears.
   */
  vanish(
    reason: Extract<CloseReason, "silent" | "slow" | "refused" | "failed">,
    code?: RefusalCode,
  ): void {
    if (this.#state === "gone") return;
    if (reason === "silent") this.#hub.totals.silent += 1;
    if (reason === "slow") this.#hub.totals.slow += 1;
    this.#letGo(reason);
    this.#end();
    if (code !== undefined) this.#wire.end({ code });
    this.#wire.terminate();
  }

  /** Ends with the close code of a refusal, after what was written. */
  refuse(code: RefusalCode): void {
    if (this.isOpen) this.#leave("refused", code);
  }

  ended(): void {
    if (this.#state === "gone") return;
    this.#letGo("client");
    this.#end();
  }

  addTopics(topics: Iterable<Topic>): void {
    this.#attachment?.add(topics);
  }

  removeTopics(topics: Iterable<Topic>): void {
    this.#attachment?.remove(topics);
  }

  /** The peer gave a sign of life. */
  heard(nowMs: number): void {
    this.#liveness.heardAt = nowMs;
  }

  /** For the sweep: asks for a sign of life once a heartbeat; `false` when the last two went unanswered. */
  isAnswering(nowMs: number, heartbeatMs: number): boolean {
    return this.#liveness.isAnswering(this.#wire, nowMs, heartbeatMs);
  }

  /** See {@link Liveness.isOwed}. */
  isOwed(): boolean {
    return this.isOpen && this.#liveness.isOwed(this.#wire);
  }

  /** See {@link Liveness.isAcknowledging}. */
  isAcknowledging(table: TcpTable): boolean {
    return this.#liveness.isAcknowledging(this.#wire, table);
  }

  /** Where the system's own table finds it. */
  get socket(): TcpEnds {
    return this.#wire.socket ?? {};
  }

  get queuedBytes(): number {
    return this.#backlog.bytes + this.#wire.queuedBytes;
  }

  get backlogStats(): Backlog["stats"] {
    return this.#backlog.stats;
  }

  /** For the sweep: ends a leaving peer that does not go. */
  sweepLeaving(nowMs: number): void {
    if (nowMs >= this.#leaveBy) this.cut();
  }

  /** Ends the wire of one that is leaving, now. */
  cut(): void {
    this.#end();
    this.#wire.terminate();
  }

  /** For the sweep: whether bytes wait and the peer took none of them for `ms`. */
  isStalled(nowMs: number, ms: number): boolean {
    const stalledMs = this.#liveness.stalledMs(this.#wire, nowMs);
    // Not every runtime says when there is room again.
    if (stalledMs > 0 && !this.#wire.isBlocked && !this.#backlog.isEmpty) this.drained();
    return stalledMs >= ms;
  }

  async #resume(topics: readonly Topic[], after: Cursor): Promise<void> {
    const replay = await this.#hub.options.bus.replay(topics, after);
    if (this.#state !== "opening") return;
    const { verdict, gaps, envelopes, head, headSeq } = replay;
    this.#backlog.begin(envelopes, headSeq);
    this.#through = headSeq;
    this.#hub.totals.replayedMessages += envelopes.length;
    // Until it has the replay, its place is the one it came with: the head would skip what it may never get.
    this.#begin(verdict, gaps, envelopes.length > 0 ? after : head, envelopes.length);
  }

  #begin(verdict: ResumeVerdict, gaps: readonly Topic[], id: Cursor, replayed: number): void {
    const { now, heartbeatMs } = this.#hub.options;
    const nowMs = now();
    this.#state = "live";
    try {
      this.controlMessage(
        controlMessage(
          "wire.hello",
          {
            connection_id: this.id,
            resume: verdict,
            gaps,
            replayed,
            heartbeat_ms: heartbeatMs,
            expires_at: isoOf(this.identity.expiresAt),
            now: isoOf(nowMs),
          },
          nowMs,
          id,
        ),
      );
    } catch (error) {
      this.#fail(error);
    }
    if (!this.isOpen) return;
    this.#schedule();
    const connection = this.info();
    this.#hub.options.onEvent({ kind: "opened", connection, resume: verdict, replayed });
    this.#hub.registry.tellOpen(connection);
  }

  /** A burst within one turn is no slowness of the reader: what it can take goes out before its time. */
  #makeRoomFor(envelope: Envelope): boolean {
    if (this.#state !== "live") return false;
    while (!this.#wire.isBlocked && !this.#backlog.isEmpty) this.#write(this.#hub.options.now());
    return this.#backlog.push(envelope);
  }

  #write(nowMs: number): void {
    if (this.#wire.isBlocked) {
      if (this.#backlog.isEmpty) return;
      this.#isScheduled = true;
      this.#wire.awaitDrain();
      return;
    }
    if (this.#backlog.isEmpty) return;
    this.#backlog.writeTo(this.#wire, this);
    this.wroteAt = nowMs;
    if (!this.#backlog.isEmpty) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || !this.isOpen) return;
    this.#isScheduled = true;
    this.#hub.flusher.add(this);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#hub.totals.deliveredBytes += bytes;
  }

  #jitter(ms: number): number {
    return this.#hub.options.random() * ms;
  }

  #fail(error: unknown): void {
    if (!this.isOpen) return;
    this.#hub.options.onEvent({ kind: "failed", connection: this.info(), error });
    // Told to come back: whatever failed here may work there.
    this.say("drain", 1000 + this.#jitter(4000));
  }

  /** Leaves the bus and the registry: from here on it costs what its socket costs. */
  #letGo(reason: CloseReason): void {
    if (!this.isOpen) return;
    const { options, registry, totals } = this.#hub;
    const connection = this.info();
    this.#attachment?.close();
    this.#attachment = undefined;
    const { conflated, shed } = this.#backlog.stats;
    totals.conflated += conflated;
    totals.shed += shed;
    totals.closed += 1;
    this.#backlog.clear();
    this.#state = "leaving";
    registry.remove(this);
    options.onEvent({
      kind: "closed",
      connection,
      reason,
      durationMs: options.now() - this.openedAt,
      bytes: this.#bytes,
      messages: this.#messages,
    });
    registry.tellClose(connection, reason);
  }

  #leave(reason: CloseReason, code: RefusalCode): void {
    const { now, heartbeatMs } = this.#hub.options;
    this.#letGo(reason);
    this.#leaveBy = now() + heartbeatMs;
    this.#hub.leaving.add(this);
    this.#wire.end({ code });
  }

  #end(): void {
    this.#state = "gone";
    this.#hub.leaving.delete(this);
  }
}

const NO_TOPICS: ReadonlySet<Topic> = new Set();
