// `pnpm test`: builds what the tests of the built packages and of the command need, then runs every vitest project.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { prepareChromium } from "@inkwire/test-browser";
import { buildIfStale } from "./build-if-stale.js";
import { compileCache } from "./compile-cache.js";

// In a process of its own, while this one builds.
const prepared = prepareChromium();
buildIfStale();
await prepared;
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const run = spawnSync(process.execPath, [vitest, "run", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
});
process.exit(run.status ?? 1);
