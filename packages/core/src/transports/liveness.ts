import type { TcpEnds, TcpTable } from "./tcp-table.js";
import type { Wire } from "./wire.js";

/** After so many looks in a row without an acknowledgement of what was sent, a peer is gone. There are four a heartbeat. */
const MAX_MISSED_LOOKS = 4;

const NOTHING_WAITS = -1;

/** What is known of whether one peer is still there, by what its wire shows. Holds no timer: the sweep asks. */
export class Liveness {
  readonly #wire: Wire;
  /** When the peer last gave a sign of life, where its wire has such. */
  #heardAt: number;
  #pingedAt: number;
  /** {@link Wire.drainedBytes} at the last look, and when it was something new. */
  #drained = NOTHING_WAITS;
  #drainedAt: number;
  /** Bytes that the peer has acknowledged for certain, where the system tells. */
  #acknowledged = 0;
  #sent = 0;
  #missedLooks = 0;

  constructor(wire: Wire, nowMs: number) {
    this.#wire = wire;
    this.#heardAt = nowMs;
    this.#pingedAt = nowMs;
    this.#drainedAt = nowMs;
  }

  /** The peer gave a sign of life. */
  heard(nowMs: number): void {
    this.#heardAt = nowMs;
  }

  /** Asks for a sign of life once a heartbeat; `false` when the last two went unanswered. */
  isAnswering(nowMs: number, heartbeatMs: number): boolean {
    if (!this.#wire.answersPings) return true;
    if (nowMs - this.#heardAt >= 2 * heartbeatMs) return false;
    if (nowMs - this.#pingedAt >= heartbeatMs) {
      this.#pingedAt = nowMs;
      this.#wire.ping();
    }
    return true;
  }

  /** For how long bytes have waited here of which the peer took none; 0 when nothing waits. */
  stalledMs(nowMs: number): number {
    const { queuedBytes } = this.#wire;
    const drained = queuedBytes === 0 ? NOTHING_WAITS : this.#wire.drainedBytes;
    if (drained === NOTHING_WAITS || drained !== this.#drained) {
      this.#drained = drained;
      this.#drainedAt = nowMs;
    }
    return nowMs - this.#drainedAt;
  }

  /** Where the system's own table finds it. */
  get socket(): TcpEnds {
    return this.#wire.socket ?? {};
  }

  /**
   * Before the system's table of sockets is read: whether this one is of interest, as something is on its way to the peer
   * that it has not acknowledged for certain.
   */
  isOwed(): boolean {
    if (this.#wire.socket === undefined) return false;
    this.#sent = this.#wire.drainedBytes;
    return this.#sent !== this.#acknowledged;
  }

  /**
   * After it was read: `false` when the peer acknowledged nothing of what it was sent, look after look. What waits in this
   * process is judged by {@link stalledMs}.
   *
   * Other things were written while the table was read, so it says two things: at least `sent - unacknowledged` had arrived
   * when it was begun, at most `drained - unacknowledged` when it was through. Only if the most is not above the least of
   * before has nothing arrived for certain.
   */
  isAcknowledging(table: TcpTable): boolean {
    const wire = this.#wire;
    const { socket } = wire;
    if (socket === undefined || wire.queuedBytes > 0) return true;
    const unacknowledged = table.unacknowledgedBytes(socket);
    const isStill = unacknowledged > 0 && wire.drainedBytes - unacknowledged <= this.#acknowledged;
    this.#missedLooks = isStill ? this.#missedLooks + 1 : 0;
    this.#acknowledged = Math.max(this.#acknowledged, this.#sent - unacknowledged);
    return this.#missedLooks < MAX_MISSED_LOOKS;
  }
}
