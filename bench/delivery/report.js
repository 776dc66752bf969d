// The tables, as Markdown: the same on the terminal and in docs/reference/performance.md.
import { isSound } from "./bench-session.js";
import { BUSY_SHARE, foreignShare, judge, ratioSeries, series } from "./gates.js";
import { peers } from "./peers.js";
import { rows } from "./scenarios.js";
import { summarise } from "./statistics.js";

/** @typedef {import("./gates.js").Results} Results */
/** @typedef {import("./peers.js").PeerName} PeerName */
/** @typedef {import("./scenarios.js").Column} Column */

const unitOf = /** @type {Readonly<Record<string, string>>} */ ({
  cpuMicros: "CPU µs",
  userMicros: "user µs",
  p50Ms: "p50 ms",
  p99Ms: "p99 ms",
  kib: "KiB a connection",
  growthMb: "MB of growth",
});

/** @param {{ median: number, min: number, max: number, rounds: number }} summary @param {number} digits */
function cell({ median: middle, min, max, rounds }, digits) {
  if (rounds === 0) return "–";
  if (rounds === 1) return middle.toFixed(digits);
  return `${middle.toFixed(digits)} [${min.toFixed(digits)}–${max.toFixed(digits)}]`;
}

/** @param {Results} results @param {string} row @param {PeerName} peer @param {Column} column */
function value(results, row, peer, { key, digits, isRatio }) {
  if (digits === undefined) {
    const words = [...(results.get(row)?.get(peer)?.values() ?? [])].map((sample) => sample[key]);
    const last = words.at(-1);
    return typeof last === "string" ? last : "–";
  }
  const values = (isRatio === true ? ratioSeries : series)(results, row, peer, key);
  return cell(summarise([...values.values()]), digits);
}

/** @param {Results} results @param {string} row */
function table(results, row) {
  const { title, columns } = rows[row] ?? { title: row, columns: [] };
  const measured = results.get(row) ?? new Map();
  const lines = [
    `### ${title}`,
    "",
    `| | ${columns.map((column) => column.title).join(" | ")} | rounds |`,
    `| --- | ${columns.map(() => "--- | ").join("")}--- |`,
  ];
  for (const name of /** @type {PeerName[]} */ (Object.keys(peers))) {
    const samples = measured.get(name);
    if (samples === undefined) continue;
    const cells = columns.map((column) => value(results, row, name, column));
    const broken = [...samples.values()].filter((sample) => !isSound(sample)).length;
    const rounds = broken === 0 ? samples.size : `${samples.size}, ${broken} not whole`;
    lines.push(`| ${peers[name].title} | ${cells.join(" | ")} | ${rounds} |`);
  }
  return lines.join("\n");
}

/** What was lost, doubled, reordered or misdirected, in words; empty when nothing was. @param {Results} results */
export function describeBroken(results) {
  const found = [];
  for (const [row, byPeer] of results) {
    for (const [peer, samples] of byPeer) {
      for (const [round, sample] of samples) {
        if (isSound(sample) || sample.verdict === undefined) continue;
        const { delivered, lost, doubled, reordered, foreign } = sample.verdict;
        found.push({
          peer,
          text: `${row}, ${peer}, round ${round + 1}: of ${delivered} deliveries ${lost} lost, ${doubled} doubled, ${reordered} reordered, ${foreign} of somebody else`,
        });
      }
    }
  }
  return found;
}

/** @param {Results} results */
function gateLines(results) {
  return judge(results).map(({ row, peer, key, isRatio, max, value: is, verdict }) => {
    const unit = `${unitOf[key] ?? key}${isRatio === true ? " × floor" : ""}`;
    return `| ${verdict === "missed" ? "**missed**" : verdict} | ${row} | ${peers[peer].title} | ${unit} | ${is.toFixed(2)} | ≤ ${max.toFixed(2)} |`;
  });
}

/**
 * @param {Results} results
 * @param {object} context
 * @param {string} context.date
 * @param {string} context.machine
 * @param {string} context.versions
 * @param {number} context.rounds
 * @param {boolean} context.isQuick
 * @param {readonly { text: string }[]} [context.failures] - measurements that did not come to an end
 */
export function report(results, { date, machine, versions, rounds, isQuick, failures = [] }) {
  const share = foreignShare(results);
  const busy =
    share !== undefined && share > BUSY_SHARE
      ? ` **Measured on a busy machine**: other work used ${(share * 100).toFixed(0)} % of the server's core (median), so only the ratios mean something.`
      : "";
  const lines = [
    `Measured ${date}, ${rounds} round${rounds === 1 ? "" : "s"}${isQuick ? ", `--quick`" : ""}. ${machine}.${busy}`,
    "",
    `${versions}.`,
    "",
    ...Object.keys(rows).flatMap((row) => (results.has(row) ? [table(results, row), ""] : [])),
  ];
  const verdicts = gateLines(results);
  if (verdicts.length > 0) {
    lines.push(
      "### Gates",
      "",
      "| | row | | what | is | gate |",
      "| --- | --- | --- | --- | --- | --- |",
    );
    lines.push(...verdicts, "");
  }
  const broken = describeBroken(results);
  lines.push(
    broken.length === 0
      ? "Nothing was lost, doubled, reordered or sent to somebody else in any of these measurements."
      : ["Not whole:", "", ...broken.map(({ text }) => `- ${text}`)].join("\n"),
  );
  if (failures.length > 0) {
    lines.push("", "Not measured:", "", ...failures.map(({ text }) => `- ${text}`));
  }
  return lines.join("\n");
}
