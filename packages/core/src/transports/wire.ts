import type { ControlMessage } from "../protocol/index.js";
import type { Envelope } from "../bus/types.js";
import type { Goodbye } from "./goodbye.js";
import type { TcpEnds } from "./tcp-table.js";
import type { Run } from "./runs.js";
import type { TransportName } from "./types.js";

/** The way to one peer: turns messages into bytes and hands them to a socket or a stream. It queues nothing itself. */
export interface Wire {
  readonly transport: TransportName;
  /** Takes nothing more for now; {@link WireOwner.drained} follows, see {@link Wire.awaitDrain}. */
  readonly isBlocked: boolean;
  /** Handed over and not taken by the system yet. */
  readonly queuedBytes: number;
  /** Grows whenever the peer takes something, as far as can be known. Only asked while something is queued. */
  readonly drainedBytes: number;
  /**
   * Its connection of TCP, where what was written there is what the peer gets, byte for byte, and nothing else says whether
   * the peer is there.
   */
  readonly socket?: TcpEnds | undefined;
  /** Writes what waits, and says how many bytes that was. */
  writeRun(run: Run): number;
  /** Writes several at once, oldest first. */
  writeAll(envelopes: readonly Envelope[]): number;
  /** Writes a message of the protocol; `retryMs` goes along where the wire has a place for it. */
  writeControl(message: ControlMessage, retryMs?: number): number;
  /** Sends what was held back to go out in one write. */
  release(): void;
  /** Calls `drained` of its owner once it is no longer blocked. */
  awaitDrain(): void;
  /** Asks the peer for a sign of life, where the wire can: then silence means death. */
  ping(): void;
  /** Whether {@link Wire.ping} is answered, so that a silent peer is a dead one. */
  readonly answersPings: boolean;
  /** Ends it after everything that was written. */
  end(goodbye: Pick<Goodbye, "code">): void;
  /** Ends it now. Can be called twice. */
  terminate(): void;
}

/** Who is told what happens on a wire. */
export interface WireOwner {
  drained(): void;
  /** The peer is gone, whoever ended it. Told once or more. */
  ended(): void;
}
