// The harness's arithmetic. A ratio is taken within a round and only then summed up: the machine drifts between rounds.

/** The middle value; of an even count the mean of the two in the middle. @param {readonly number[]} values */
export function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Of a sorted list: the value that `share` of all are not above. @param {Float64Array} sorted @param {number} share */
export function percentile(sorted, share) {
  if (sorted.length === 0) return Number.NaN;
  const at = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, at))] ?? Number.NaN;
}

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} min
 * @property {number} max
 * @property {number} rounds
 */

/** @param {readonly number[]} values @returns {Summary} */
export function summarise(values) {
  return {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
  };
}

/**
 * The ratios of the rounds in which both were measured.
 *
 * @param {ReadonlyMap<number, number>} mine - by round
 * @param {ReadonlyMap<number, number>} theirs - by round
 */
export function ratios(mine, theirs) {
  const found = [];
  for (const [round, value] of mine) {
    const other = theirs.get(round);
    if (other !== undefined) found.push(value / other);
  }
  return found;
}
