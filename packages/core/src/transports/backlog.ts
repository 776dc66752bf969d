import { createOutbox, type Outbox, type OutboxStats } from "../bus/outbox.js";
import type { Envelope } from "../bus/types.js";
import type { Runs } from "./runs.js";
import type { Wire } from "./wire.js";

/**
 * At most so much is handed to the system at once: what is there can no longer be conflated, and a peer that takes it in
 * less than two heartbeats counts as alive (2 KiB a second).
 */
const WRITE_BYTES = 65_536;

/** What the backlogs of a gateway share. */
export interface BacklogLimits {
  readonly runs: Runs;
  readonly maxOutboxBytes: number;
  /** A run holds at most this; what is more goes through an outbox, where the delivery classes are applied. */
  readonly maxRunBytes: number;
}

export function backlogLimits(runs: Runs, maxOutboxBytes: number): BacklogLimits {
  return { runs, maxOutboxBytes, maxRunBytes: Math.min(WRITE_BYTES, maxOutboxBytes / 2) };
}

/** Told what was written. */
export interface Tally {
  wrote(messages: number, bytes: number): void;
}

/**
 * What waits for one reader that does not keep up: first its replay, then an outbox of its own with what was published.
 */
export class Backlog {
  readonly #outbox: Outbox;
  #replay: readonly Envelope[] | undefined;
  #replayAt = 0;

  constructor({ maxOutboxBytes: maxBytes }: BacklogLimits, awaitsReplay: boolean) {
    this.#outbox = createOutbox({ maxBytes, awaitsReplay });
  }

  get isEmpty(): boolean {
    return this.#replay === undefined && this.#outbox.isEmpty;
  }

  /** Without the replay, which is the history's. */
  get stats(): OutboxStats {
    return this.#outbox.stats();
  }

  /** `false`: there is no room, and nothing may be dropped. */
  push(envelope: Envelope): boolean {
    return this.#outbox.push(envelope);
  }

  /** What is replayed comes first; what waits and is in it, up to `throughSeq`, is dropped. */
  begin(replay: readonly Envelope[], throughSeq: number): void {
    this.#outbox.dropThrough(throughSeq);
    if (replay.length > 0) this.#replay = replay;
  }

  /** Writes a part of it, oldest first; nothing when there is nothing. */
  writeTo(wire: Wire, tally: Tally): void {
    const part =
      this.#replay === undefined ? this.#outbox.take(WRITE_BYTES) : this.#replayed(this.#replay);
    if (part.length > 0) tally.wrote(part.length, wire.writeAll(part));
  }

  #replayed(replay: readonly Envelope[]): readonly Envelope[] {
    const from = this.#replayAt;
    let bytes = 0;
    let to = from;
    while (to < replay.length && bytes < WRITE_BYTES) {
      bytes += replay[to]?.bytes ?? 0;
      to += 1;
    }
    this.#replayAt = to;
    if (to === replay.length) this.#replay = undefined;
    return from === 0 && to === replay.length ? replay : replay.slice(from, to);
  }
}
