import { createOutbox, type Outbox } from "../bus/outbox.js";
import type { Envelope } from "../bus/types.js";
import { envelopesOf, type Run, type Runs } from "./runs.js";
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
 * What waits for one reader: first its replay, then what was published. As long as it keeps up that is a run which it shares
 * with its neighbours; once it is behind, an outbox of its own.
 */
export class Backlog {
  readonly #limits: BacklogLimits;
  #run: Run | undefined;
  #outbox: Outbox | undefined;
  #replay: readonly Envelope[] | undefined;
  #replayAt = 0;
  #awaitsReplay = true;
  /** Nothing waits but what the last turn brought. */
  #keepsUp = false;
  #conflated = 0;
  #shed = 0;

  constructor(limits: BacklogLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#run === undefined && this.#replay === undefined && this.#outbox === undefined;
  }

  /** Of JSON text, without the replay, which is the history's. */
  get bytes(): number {
    return this.#outbox?.stats().queuedBytes ?? this.#run?.bytes ?? 0;
  }

  get stats(): { readonly conflated: number; readonly shed: number } {
    const { conflated = 0, shed = 0 } = this.#outbox?.stats() ?? {};
    return { conflated: this.#conflated + conflated, shed: this.#shed + shed };
  }

  /** `false`: there is no room, and nothing may be dropped. */
  push(envelope: Envelope): boolean {
    const run = this.#run;
    if (!this.#keepsUp || (run?.bytes ?? 0) + envelope.bytes > this.#limits.maxRunBytes) {
      return this.#queue(envelope);
    }
    this.#run = this.#limits.runs.extend(run, envelope);
    return true;
  }

  /** What is replayed comes first; what waits and is in it, up to `throughSeq`, is dropped. */
  begin(replay: readonly Envelope[], throughSeq: number): void {
    this.#awaitsReplay = false;
    this.#outbox?.dropThrough(throughSeq);
    if (replay.length > 0) this.#replay = replay;
    this.#catchUp();
  }

  /** Writes a part of it, oldest first; nothing when there is nothing. */
  writeTo(wire: Wire, tally: Tally): void {
    const run = this.#run;
    if (this.#replay !== undefined) this.#writeReplay(this.#replay, wire, tally);
    else if (run !== undefined) {
      this.#run = undefined;
      tally.wrote(run.count, wire.writeRun(run));
    } else if (this.#outbox !== undefined) {
      const envelopes = this.#outbox.take(WRITE_BYTES);
      tally.wrote(envelopes.length, wire.writeAll(envelopes));
      this.#catchUp();
    }
  }

  clear(): void {
    this.#run = undefined;
    this.#outbox = undefined;
    this.#replay = undefined;
    this.#keepsUp = false;
  }

  #queue(envelope: Envelope): boolean {
    this.#outbox ??= createOutbox({
      maxBytes: this.#limits.maxOutboxBytes,
      awaitsReplay: this.#awaitsReplay,
    });
    this.#keepsUp = false;
    if (this.#run !== undefined) {
      for (const waiting of envelopesOf(this.#run)) this.#outbox.push(waiting);
      this.#run = undefined;
    }
    return this.#outbox.push(envelope);
  }

  #writeReplay(replay: readonly Envelope[], wire: Wire, tally: Tally): void {
    const from = this.#replayAt;
    let bytes = 0;
    let to = from;
    while (to < replay.length && bytes < WRITE_BYTES) {
      bytes += replay[to]?.bytes ?? 0;
      to += 1;
    }
    const part = from === 0 && to === replay.length ? replay : replay.slice(from, to);
    this.#replayAt = to;
    if (to === replay.length) {
      this.#replay = undefined;
      this.#catchUp();
    }
    tally.wrote(part.length, wire.writeAll(part));
  }

  /** One that has caught up goes without an outbox again. */
  #catchUp(): void {
    if (this.#outbox?.isEmpty === true) {
      const { conflated, shed } = this.stats;
      this.#conflated = conflated;
      this.#shed = shed;
      this.#outbox = undefined;
    }
    this.#keepsUp = this.#replay === undefined && this.#outbox === undefined;
  }
}
