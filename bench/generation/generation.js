// `pnpm bench generation`: what writing a book costs beyond the AI SDK, which is asked for the same chapters of the same
// provider in the same round. The provider is a process of its own.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../../scripts/build-if-stale.js";
import { replaceBetween } from "../delivery/splice.js";
import { median } from "../delivery/statistics.js";

const page = fileURLToPath(new URL("../../docs/reference/performance.md", import.meta.url));
const work = fileURLToPath(new URL("work.js", import.meta.url));
const provider = fileURLToPath(new URL("provider.js", import.meta.url));

/** @typedef {{ cpuMs: number, wallMs: number, heaps?: number[] }} Sample */
/** @typedef {{ what: string, chapters: number, tokens: number, pace?: number }} Run */

/** @param {{ rounds: number, isQuick: boolean, isGate: boolean, write: boolean }} options @returns {Promise<number>} */
export async function benchGeneration({ rounds, isQuick, isGate, write }) {
  buildIfStale();
  const child = spawn(process.execPath, [provider], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [url] = await once(createInterface(child.stdout), "line");
    const rows = [
      tokenRow(url, rounds, isQuick),
      wallRow(url, isQuick ? 1 : Math.min(3, rounds), isQuick),
      memoryRow(url, isQuick),
      jobRow(url, rounds, isQuick),
    ];
    const text = [
      `Measured ${new Date().toISOString().slice(0, 16).replace("T", " ")}, Node ${process.versions.node}, ${rounds} round${rounds === 1 ? "" : "s"}${isQuick ? ", `--quick`" : ""}. Median, in brackets the lowest and the highest round.`,
      "",
      "| | is | gate | |",
      "| --- | --- | --- | --- |",
      ...rows.map(
        (row) => `| ${row.name} | ${row.is} | ${row.gate} | ${row.met ? "met" : "**missed**"} |`,
      ),
    ].join("\n");
    process.stdout.write(`${text}\n`);
    if (write)
      writeFileSync(page, replaceBetween(readFileSync(page, "utf8"), "bench:generation", text));
    return isGate && rows.some(({ met }) => !met) ? 1 : 0;
  } finally {
    child.kill();
  }
}

/** @param {string} url @param {Run} run @returns {Sample} */
function measure(url, { what, chapters, tokens, pace = 0 }) {
  const args = ["--expose-gc", work, what, url, String(chapters), String(tokens), String(pace)];
  process.stderr.write(`${what}: ${chapters} × ${tokens}\n`);
  const env = { ...process.env, NODE_ENV: "production" };
  const run = spawnSync(process.execPath, args, { encoding: "utf8", env });
  if (run.status !== 0) throw new Error(`${what} ended with ${run.status}: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** @param {readonly number[]} values @param {(value: number) => string} format */
function spread(values, format) {
  const all =
    values.length < 2 ? "" : ` [${format(Math.min(...values))}–${format(Math.max(...values))}]`;
  return format(median(values)) + all;
}

/** @param {string} url @param {number} rounds @param {boolean} isQuick */
function tokenRow(url, rounds, isQuick) {
  const size = { chapters: 12, tokens: isQuick ? 1500 : 3000 };
  const over = [];
  const bare = [];
  for (let round = 0; round < rounds; round += 1) {
    const sdk = measure(url, { what: "sdk", ...size });
    const books = measure(url, { what: "books", ...size });
    const count = size.chapters * size.tokens;
    bare.push((sdk.cpuMs * 1000) / count);
    over.push(((books.cpuMs - sdk.cpuMs) * 1000) / count);
  }
  const micros = (/** @type {number} */ value) => value.toFixed(1);
  return {
    name: "CPU µs per streamed token beyond the AI SDK: author, pipeline, drafts, ledger, bus",
    is: `${spread(over, micros)} (the SDK itself ${spread(bare, micros)})`,
    gate: "≤ 25",
    met: median(over) <= 25,
  };
}

/** @param {string} url @param {number} rounds @param {boolean} isQuick */
function wallRow(url, rounds, isQuick) {
  // Tokens a second and time to the first one as of hosted models.
  const size = { chapters: 12, tokens: isQuick ? 240 : 480, pace: 80 };
  const shares = [];
  for (let round = 0; round < rounds; round += 1) {
    const sdk = measure(url, { what: "sdk", ...size });
    const books = measure(url, { what: "books", ...size });
    shares.push((books.wallMs / sdk.wallMs - 1) * 100);
  }
  return {
    name: "wall time of a 12-chapter book, 3 at once, beyond the same requests by the AI SDK",
    is: spread(shares, (value) => `${value.toFixed(1)} %`),
    gate: "≤ 2 %",
    met: median(shares) <= 2,
  };
}

/** @param {string} url @param {boolean} isQuick */
function memoryRow(url, isQuick) {
  const size = { chapters: isQuick ? 80 : 200, tokens: 600 };
  const { heaps = [] } = measure(url, { what: "memory", ...size });
  const mb = heaps.map((bytes) => bytes / 1_048_576);
  const grown = (mb.at(-1) ?? 0) - (mb[0] ?? 0);
  return {
    name: `heap after chapter 20 and after chapter ${size.chapters}, MiB`,
    is: `${mb[0]?.toFixed(1)} and ${mb.at(-1)?.toFixed(1)}`,
    gate: "flat: ≤ 10 more",
    met: grown <= 10,
  };
}

/** @param {string} url @param {number} rounds @param {boolean} isQuick */
function jobRow(url, rounds, isQuick) {
  const jobs = isQuick ? 500 : 3000;
  const costs = [];
  const theirs = [];
  const micros = (/** @type {number} */ value) => value.toFixed(0);
  const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
  if (!hasRedis) process.stderr.write("bullmq: left out, as redis-server is not installed here\n");
  for (let round = 0; round < rounds; round += 1) {
    const cost = (/** @type {string} */ what) =>
      (measure(url, { what, chapters: jobs, tokens: 1 }).cpuMs * 1000) / jobs;
    costs.push(cost("jobs"));
    if (hasRedis) theirs.push(cost("bullmq"));
  }
  return {
    name: "CPU µs of a durable job of one step with 5 progress reports, on disk",
    is:
      spread(costs, micros) + (hasRedis ? ` (BullMQ and its Redis ${spread(theirs, micros)})` : ""),
    gate: "≤ 200",
    met: median(costs) <= 200,
  };
}
