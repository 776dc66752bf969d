// Whether one connection got each message once, in order, and nobody else's.

/**
 * @typedef {object} Verdict
 * @property {number} lost
 * @property {number} doubled
 * @property {number} reordered - came after one that was published later
 * @property {number} foreign - of another connection's numbers
 */

/** Counts the numbers of one connection, which begin after `base`; those of the next connection begin after `base + span`. */
export class Tally {
  #base;
  #span;
  #next;
  /** Numbers below `#next` that did not come; made when the first is missed. @type {Set<number> | undefined} */
  #missing;
  doubled = 0;
  reordered = 0;
  foreign = 0;

  /** @param {number} [base] @param {number} [span] */
  constructor(base = 0, span = Number.MAX_SAFE_INTEGER) {
    this.#base = base;
    this.#span = span;
    this.#next = base + 1;
  }

  /** @param {number} seq @returns {boolean} whether it is a delivery: not a doubled one, not somebody else's */
  receive(seq) {
    if (seq === this.#next && seq <= this.#base + this.#span) {
      this.#next += 1;
      return true;
    }
    if (seq <= this.#base || seq > this.#base + this.#span) {
      this.foreign += 1;
      return false;
    }
    if (seq < this.#next) {
      if (this.#missing?.delete(seq) === true) {
        this.reordered += 1;
        return true;
      }
      this.doubled += 1;
      return false;
    }
    this.#missing ??= new Set();
    for (let missed = this.#next; missed < seq; missed += 1) this.#missing.add(missed);
    this.#next = seq + 1;
    return true;
  }

  /** The connection is told to count on from here: what came before is not its concern. @param {number} seq */
  skipTo(seq) {
    this.#missing = undefined;
    this.#next = this.#base + seq;
  }

  /** @param {number} count - how many of its numbers were published in all @returns {Verdict} */
  verdict(count) {
    const neverReached = Math.max(0, this.#base + count - (this.#next - 1));
    return {
      lost: (this.#missing?.size ?? 0) + neverReached,
      doubled: this.doubled,
      reordered: this.reordered,
      foreign: this.foreign,
    };
  }
}

/** @param {readonly Verdict[]} verdicts @returns {Verdict} */
export function sumVerdicts(verdicts) {
  const sum = { lost: 0, doubled: 0, reordered: 0, foreign: 0 };
  for (const { lost, doubled, reordered, foreign } of verdicts) {
    sum.lost += lost;
    sum.doubled += doubled;
    sum.reordered += reordered;
    sum.foreign += foreign;
  }
  return sum;
}

/** @param {Verdict} verdict */
export function isWhole({ lost, doubled, reordered, foreign }) {
  return lost + doubled + reordered + foreign === 0;
}
