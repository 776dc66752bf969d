/**
 * Divides a whole number by weights, without losing any of it: largest remainders get what rounding down left.
 *
 * Nobody gets nothing as long as `total` is at least the number of weights.
 *
 * @param weights - positive; at least one.
 */
export function shareOut(total: number, weights: readonly number[]): number[] {
  const least = total >= weights.length ? 1 : 0;
  const rest = total - least * weights.length;
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (rest * weight) / sum);
  const shares = exact.map((share) => least + Math.floor(share));
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share - Math.floor(share) }))
    .toSorted((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
