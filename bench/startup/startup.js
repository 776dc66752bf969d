// `pnpm bench startup`: what the command costs beside `node -e 0`, interleaved in one run. Medians of the rounds; a ratio is
// taken within a round, so that a busy machine disturbs it less.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "../../scripts/build-if-stale.js";
import { median } from "../delivery/statistics.js";

const inkwire = fileURLToPath(new URL("../../packages/cli/bin/inkwire.js", import.meta.url));
const cpuProbe = fileURLToPath(new URL("cpu-probe.js", import.meta.url));

/** @param {string} folder @param {string[]} args @returns {{ cpuMs: number, wallMs: number }} */
function measure(folder, args) {
  const env = {
    ...process.env,
    INKWIRE_HOME: join(folder, "home"),
    INKWIRE_PACE: "0",
    OPENAI_API_KEY: "",
  };
  const startedAt = performance.now();
  const run = spawnSync(process.execPath, ["--import", cpuProbe, ...args], {
    cwd: folder,
    env,
    // The probe writes the process's own CPU time there when it ends.
    stdio: ["ignore", "ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`${args.join(" ")} ended with ${run.status}`);
  return { cpuMs: Number(run.output[3]) / 1000, wallMs: performance.now() - startedAt };
}

/** @type {{ name: string, args: string[] }[]} */
const rows = [
  { name: "node -e 0", args: ["-e", "0"] },
  { name: "inkwire --help", args: [inkwire, "--help"] },
  { name: "inkwire list", args: [inkwire, "list"] },
  {
    name: "a book of 1 chapter, instant author",
    args: [inkwire, "create", "One", "--author", "offline", "--chapters", "1", "--quiet"],
  },
  {
    name: "a book of 12 chapters, instant author",
    args: [inkwire, "create", "Twelve", "--author", "offline", "--chapters", "12", "--quiet"],
  },
];

/** @param {{ rounds: number }} options */
export function benchStartup({ rounds }) {
  buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), "inkwire-bench-"));
  try {
    const results = rows.map(() => /** @type {{ cpuMs: number, wallMs: number }[]} */ ([]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, row] of rows.entries()) results[index]?.push(measure(folder, row.args));
    }
    process.stdout.write(
      `${new Date().toISOString()} · node ${process.version} · ${rounds} rounds\n\n`,
    );
    process.stdout.write("| | wall ms | CPU ms | wall × node -e 0 |\n| --- | --- | --- | --- |\n");
    for (const [index, row] of rows.entries()) {
      const mine = results[index] ?? [];
      const ratio = median(
        mine.map(({ wallMs }, round) => wallMs / (results[0]?.[round]?.wallMs ?? 1)),
      );
      const wall = median(mine.map(({ wallMs }) => wallMs)).toFixed(0);
      const cpu = median(mine.map(({ cpuMs }) => cpuMs)).toFixed(0);
      process.stdout.write(`| ${row.name} | ${wall} | ${cpu} | ${ratio.toFixed(2)} |\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
