// What inkwire is held to. A ratio is the median over the rounds, against the floor measured in the same round.
import { peers } from "./peers.js";
import { median, ratios } from "./statistics.js";

/** @typedef {import("./bench-session.js").Sample} Sample */
/** @typedef {import("./peers.js").PeerName} PeerName */
/** @typedef {Map<string, Map<PeerName, Map<number, Sample>>>} Results - by row, peer and round */

/**
 * @typedef {object} Gate
 * @property {string} row
 * @property {PeerName} peer
 * @property {keyof Sample} key
 * @property {number} max
 * @property {boolean} [isRatio]
 */

/** Its outbox (1 MiB) and its history (32 MiB of text), and 50 MB for everything else. */
const MAX_GROWTH_MB = (1_048_576 + 33_554_432) / 1e6 + 50;

/** @type {readonly Gate[]} */
export const gates = [
  { row: "fan-out-1000", peer: "inkwire", key: "cpuMicros", isRatio: true, max: 1.1 },
  { row: "fan-out-5000", peer: "inkwire", key: "cpuMicros", isRatio: true, max: 1.1 },
  { row: "fan-out-1000", peer: "inkwire", key: "userMicros", max: 1.8 },
  { row: "fan-out-1000", peer: "inkwire-ws", key: "cpuMicros", isRatio: true, max: 1.15 },
  { row: "fan-out-5000", peer: "inkwire-ws", key: "cpuMicros", isRatio: true, max: 1.15 },
  { row: "burst", peer: "inkwire", key: "cpuMicros", isRatio: true, max: 1.25 },
  { row: "burst", peer: "inkwire", key: "cpuMicros", max: 0.9 },
  { row: "targeted", peer: "inkwire", key: "cpuMicros", isRatio: true, max: 1.15 },
  { row: "latency", peer: "inkwire", key: "p50Ms", isRatio: true, max: 1.2 },
  { row: "latency", peer: "inkwire", key: "p99Ms", isRatio: true, max: 1.4 },
  { row: "idle", peer: "inkwire", key: "kib", max: 28 },
  { row: "storm", peer: "inkwire", key: "cpuMicros", max: 160 },
  { row: "stalled", peer: "inkwire", key: "growthMb", max: MAX_GROWTH_MB },
];

/** @param {PeerName} peer @returns {PeerName} */
const floorOf = (peer) => /** @type {PeerName} */ (peers[peer].floor);

/**
 * The numbers of one peer by round.
 *
 * @param {Results} results
 * @param {string} row
 * @param {PeerName} peer
 * @param {keyof Sample} key
 * @returns {Map<number, number>}
 */
export function series(results, row, peer, key) {
  const found = new Map();
  for (const [round, sample] of results.get(row)?.get(peer) ?? []) {
    const value = sample[key];
    if (typeof value === "number" && Number.isFinite(value)) found.set(round, value);
  }
  return found;
}

/**
 * The same against the peer's floor.
 *
 * @type {(results: Results, row: string, peer: PeerName, key: keyof Sample) => Map<number, number>}
 */
export function ratioSeries(results, row, peer, key) {
  const mine = series(results, row, peer, key);
  const floor = series(results, row, floorOf(peer), key);
  const rounds = [...mine.keys()].filter((round) => floor.has(round));
  return new Map(ratios(mine, floor).map((ratio, index) => [rounds[index] ?? index, ratio]));
}

/** Above this share of foreign work on the server's core the machine counts as busy. */
export const BUSY_SHARE = 0.06;

/** The share of the server's core that others used, in the median of all measurements. @param {Results} results */
export function foreignShare(results) {
  const shares = [...results.values()]
    .flatMap((byPeer) => [...byPeer.values()])
    .flatMap((samples) => [...samples.values()])
    .flatMap((sample) => (sample.foreignShare === undefined ? [] : [sample.foreignShare]));
  return shares.length === 0 ? undefined : median(shares);
}

/** Times that mean something only where nobody else works: others empty the caches, and what is absolute doubles. */
const NEEDS_QUIET = /** @type {ReadonlySet<keyof Sample>} */ (new Set(["cpuMicros", "userMicros"]));

/**
 * How the gates stand; those of rows that were not measured are left out. On a busy machine a time is judged only against
 * the floor's.
 *
 * @param {Results} results
 */
export function judge(results) {
  const isBusy = (foreignShare(results) ?? 0) > BUSY_SHARE;
  return gates.flatMap((gate) => {
    const values = (gate.isRatio === true ? ratioSeries : series)(
      results,
      gate.row,
      gate.peer,
      gate.key,
    );
    if (values.size === 0) return [];
    const value = median([...values.values()]);
    const isComparable = gate.isRatio === true || !isBusy || !NEEDS_QUIET.has(gate.key);
    const verdict = value <= gate.max ? "met" : isComparable ? "missed" : "not judged: busy";
    return [{ ...gate, value, verdict }];
  });
}
