import type { Envelope } from "../bus/types.js";

/**
 * Messages that wait, as a chain from the newest back. Readers of the same topics wait for the same messages, so they hold
 * the same chain: it costs each of them one pointer, and one look says that two have the same bytes to write.
 */
export interface Run {
  readonly envelope: Envelope;
  readonly before: Run | undefined;
  readonly count: number;
  /** Of JSON text. */
  readonly bytes: number;
}

/** Makes runs, and gives neighbours the same. */
export class Runs {
  #last: Run | undefined;

  /** `before`, and then this message. */
  extend(before: Run | undefined, envelope: Envelope): Run {
    const last = this.#last;
    if (last !== undefined && last.envelope === envelope && last.before === before) return last;
    const run = {
      envelope,
      before,
      count: (before?.count ?? 0) + 1,
      bytes: (before?.bytes ?? 0) + envelope.bytes,
    };
    this.#last = run;
    return run;
  }

  clear(): void {
    this.#last = undefined;
  }
}

/** Oldest first. */
export function envelopesOf(run: Run): readonly Envelope[] {
  const envelopes: Envelope[] = Array.from({ length: run.count });
  let index = run.count;
  for (let at: Run | undefined = run; at !== undefined; at = at.before) {
    index -= 1;
    envelopes[index] = at.envelope;
  }
  return envelopes;
}
