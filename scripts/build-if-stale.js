// Builds the packages when a source is newer than what was built from it, and otherwise costs a few milliseconds.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { templateSources, writeTemplates } from "./templates.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}packages/cli/dist/.built`;
const packages = ["core", "client", "cli"];
const inputs = [
  "tsup.config.ts",
  "pnpm-lock.yaml",
  ...templateSources(),
  ...packages.flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/src`]),
];

/**
 * The newest change of anything below `path`, in milliseconds since 1970.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  // The folder's own time counts too: deleting a file changes nothing else.
  return readdirSync(path).reduce(
    (time, name) => Math.max(time, newest(`${path}/${name}`)),
    stat.mtimeMs,
  );
}

function isStale() {
  const builtAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return inputs.some((input) => newest(`${root}${input}`) > builtAt);
}

/** Builds what `inkwire` needs to run. What the build says goes to stderr: stdout belongs to the command. */
export function buildIfStale() {
  if (!isStale()) return;
  const startedAt = new Date();
  process.stderr.write("Building inkwire (once) …\n");
  const tsup = spawnSync(
    process.execPath,
    [`${root}node_modules/tsup/dist/cli-default.js`, "--silent"],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (tsup.status !== 0) {
    process.stderr.write("error: the build failed, see above\n");
    process.exit(1);
  }
  writeTemplates();
  writeFileSync(stamp, "");
  // A source saved while the build ran must count as newer.
  utimesSync(stamp, startedAt, startedAt);
}
