/** Something that has bytes to write. */
export interface Flushable {
  flush(nowMs: number): void;
}

/**
 * Collects who has something to write and lets them write once a turn: what was published in one turn leaves in one write
 * per connection, and it costs one timer for all.
 */
export class Flusher {
  readonly #now: () => number;
  #dirty: Flushable[] = [];
  #flushing: Flushable[] = [];
  #isArmed = false;
  readonly #run = (): void => this.flush();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `flushable` is told once in this turn; it keeps itself from being added twice. */
  add(flushable: Flushable): void {
    this.#dirty.push(flushable);
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(this.#run);
  }

  flush(): void {
    this.#isArmed = false;
    const batch = this.#dirty;
    this.#dirty = this.#flushing;
    this.#flushing = batch;
    const nowMs = this.#now();
    for (const flushable of batch) flushable.flush(nowMs);
    batch.length = 0;
  }
}
