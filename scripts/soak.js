// `pnpm test:soak [seed]`: the randomised tests with many more runs than `pnpm test` has time for; the seed repeats them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepareChromium } from "@inkwire/test-browser";
import { buildIfStale } from "./build-if-stale.js";
import { compileCache } from "./compile-cache.js";

const seed = process.argv[2] ?? String(Math.floor(Math.random() * 0x7fff_ffff));
process.stdout.write(`seed ${seed}: repeat with  pnpm test:soak ${seed}\n`);
const prepared = prepareChromium();
buildIfStale();
await prepared;
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const tests = [
  "bench/test/session",
  "packages/core/test/bus/model",
  "packages/core/test/books/killed-anywhere",
  "packages/core/test/books/gguf-book",
  "packages/core/test/books/large-book",
  "packages/core/test/books/exporters",
  "packages/core/test/redis/away",
  "packages/core/test/redis/slow",
  "packages/core/test/redis/followed-slow",
  "packages/core/test/redis/takeover-slow",
  "packages/core/test/transports/churn",
  "packages/core/test/transports/crowd",
  "packages/core/test/transports/memory",
  "packages/client/test/faults",
  "packages/client/test/heap",
  "packages/client/test/nodes",
  "examples/solid-app/test/two-servers",
];
const projects = ["bench", "core", "client", "solid-app"].flatMap((name) => ["--project", name]);
const run = spawnSync(process.execPath, [vitest, "run", "--maxWorkers=2", ...projects, ...tests], {
  stdio: "inherit",
  env: {
    ...process.env,
    NODE_COMPILE_CACHE: compileCache,
    INKWIRE_SOAK_SEED: seed,
    INKWIRE_SOAK_RUNS: "5000",
    INKWIRE_SOAK_KILLS: "50",
  },
});
if (run.status !== 0) process.stderr.write(`error: failed with seed ${seed}\n`);
process.exit(run.status ?? 1);
