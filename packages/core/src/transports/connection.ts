import type { Identity } from "../auth/identity.js";
import type { Attachment } from "../bus/types.js";
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
import { controlMessage } from "./control-message.js";
import { goodbyeMessage, goodbyes, retryOf, type GoodbyeKind } from "./goodbye.js";
import { helloMessage } from "./hello.js";
import type { Hub } from "./hub.js";
import { Liveness } from "./liveness.js";
import { Outflow, type OutflowOwner } from "./outflow.js";
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
 * What is published goes out through its {@link Outflow}. It holds no timer: the sweep looks after time.
 */
export class Connection implements WireOwner, OutflowOwner {
  readonly id: string;
  readonly transport: TransportName;
  readonly openedAt: number;
  identity: Identity;
  /** It was told that its token ends soon. */
  wasWarned = false;
  /** Whether its peer is still there. */
  readonly liveness: Liveness;
  /** When it is told to come back to a younger connection. */
  readonly rotateAt: number;
  readonly #hub: Hub;
  readonly #wire: Wire;
  #attachment: Attachment | undefined;
  #state: "opening" | "live" | "leaving" | "gone" = "opening";
  readonly #outflow: Outflow;
  /** When one that is leaving is cut. */
  #leaveBy = 0;

  constructor(hub: Hub, wire: Wire, id: string, identity: Identity) {
    const { now, random, maxAgeMs } = hub.options;
    this.#hub = hub;
    this.#wire = wire;
    this.id = id;
    this.transport = wire.transport;
    this.identity = identity;
    this.openedAt = now();
    this.#outflow = new Outflow(hub, wire, this, this.openedAt);
    this.liveness = new Liveness(wire, this.openedAt);
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
    const outflow = this.#outflow;
    this.#attachment = bus.attach(topics, outflow);
    if (after === undefined) {
      outflow.start([], parseCursor(head)?.seq ?? 0);
      this.#begin("fresh", [], head, 0);
      return;
    }
    // The head of the answer goes out with the verdict, and by itself if that takes its time.
    outflow.schedule();
    this.#resume(topics, after).catch((error: unknown) => this.failed(error));
  }

  fellBehind(): void {
    this.say("slow", this.#jitter(SLOW_RECONNECT_MS));
  }

  failed(error: unknown): void {
    if (!this.isOpen) return;
    this.#hub.options.onEvent({ kind: "failed", connection: this.info(), error });
    // Told to come back: whatever failed here may work there.
    this.say("drain", 1000 + this.#jitter(4000));
  }

  drained(): void {
    this.#outflow.drained();
  }

  /** Writes a message of the protocol now, before what waits. With an `id` only where nothing waits: see {@link isQuiet}. */
  control<T extends ControlType>(type: T, data: ControlData[T], id?: Cursor): void {
    if (!this.isOpen) return;
    this.controlMessage(controlMessage(type, data, this.#hub.options.now(), id));
  }

  controlMessage(message: ControlMessage): void {
    this.#outflow.control(message, this.#hub.options.now());
    // A peer that asks and never reads must not make us keep the answers.
    if (this.#wire.queuedBytes > this.#hub.options.maxOutboxBytes) this.vanish("slow");
  }

  /** See {@link Outflow.isQuiet}. */
  get isQuiet(): boolean {
    return this.#outflow.isQuiet;
  }

  /** When something was last written. */
  get wroteAt(): number {
    return this.#outflow.wroteAt;
  }

  /** Says goodbye, lets go of everything, and ends the wire after what was written. */
  say(kind: GoodbyeKind, reconnectMs: number): void {
    if (!this.isOpen) return;
    const nowMs = this.#hub.options.now();
    const goodbye = goodbyes[kind];
    const ms = Math.floor(reconnectMs);
    try {
      // What fits is sent before; the rest it gets from history.
      if (kind !== "slow") this.#outflow.write(nowMs);
      this.#outflow.control(goodbyeMessage(goodbye, ms, nowMs), nowMs, retryOf(goodbye, ms));
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

  get queuedBytes(): number {
    return this.#outflow.queuedBytes;
  }

  get backlogStats(): Outflow["stats"] {
    return this.#outflow.stats;
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
    const stalledMs = this.liveness.stalledMs(nowMs);
    if (stalledMs > 0) this.#outflow.nudge();
    return stalledMs >= ms;
  }

  async #resume(topics: readonly Topic[], after: Cursor): Promise<void> {
    const replay = await this.#hub.options.bus.replay(topics, after);
    if (this.#state !== "opening") return;
    const { verdict, gaps, envelopes, head, headSeq } = replay;
    this.#outflow.start(envelopes, headSeq);
    this.#hub.totals.replayedMessages += envelopes.length;
    // Until it has the replay, its place is the one it came with: the head would skip what it may never get.
    this.#begin(verdict, gaps, envelopes.length > 0 ? after : head, envelopes.length);
  }

  #begin(verdict: ResumeVerdict, gaps: readonly Topic[], id: Cursor, replayed: number): void {
    const { now, heartbeatMs } = this.#hub.options;
    const nowMs = now();
    this.#state = "live";
    try {
      const resume = { verdict, gaps, replayed };
      this.controlMessage(helloMessage(this, resume, heartbeatMs, nowMs, id));
    } catch (error) {
      this.failed(error);
    }
    if (!this.isOpen) return;
    this.#outflow.schedule();
    const connection = this.info();
    this.#hub.options.onEvent({ kind: "opened", connection, resume: verdict, replayed });
    this.#hub.registry.tellOpen(connection);
  }

  #jitter(ms: number): number {
    return this.#hub.options.random() * ms;
  }

  /** Leaves the bus and the registry: from here on it costs what its socket costs. */
  #letGo(reason: CloseReason): void {
    if (!this.isOpen) return;
    const { options, registry, totals } = this.#hub;
    const connection = this.info();
    this.#attachment?.close();
    this.#attachment = undefined;
    totals.closed += 1;
    this.#outflow.stop();
    this.#state = "leaving";
    registry.remove(this);
    options.onEvent({
      kind: "closed",
      connection,
      reason,
      durationMs: options.now() - this.openedAt,
      bytes: this.#outflow.bytes,
      messages: this.#outflow.messages,
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
