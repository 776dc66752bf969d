/** How many commands and pings a client may send at once, and how many a second after that. */
const BURST = 50;
const PER_SECOND = 10;

/** What one client may still send: a bucket that fills by itself. */
export class Allowance {
  #left = BURST;
  #at: number;

  constructor(nowMs: number) {
    this.#at = nowMs;
  }

  /** `false` when there is nothing left. */
  take(nowMs: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((nowMs - this.#at) / 1000) * PER_SECOND);
    this.#at = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
