// `pnpm check:install`: installs what would be published into an empty project, with npm, and uses it there on each Node
// that is promised. Needs the registry.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NODES = ["22", "24", "26"];
const root = fileURLToPath(new URL("..", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "inkwire-install-"));

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: "inherit", cwd: project, ...options });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${result.status}`);
}

try {
  for (const name of ["core", "client", "cli"]) {
    run("npx", ["-y", "pnpm@12", "pack", "--pack-destination", project], {
      cwd: `${root}packages/${name}`,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  const packed = readdirSync(project).map((file) => {
    const name = /^inkwire-([a-z]+)-/.exec(file)?.[1] ?? file;
    return [`@inkwire/${name}`, `file:${file}`];
  });
  // The runtimes themselves, as the `node` package brings them, without its install script.
  const runtimes = NODES.map((version) => [
    `node-${version}`,
    `npm:node-${process.platform}-${process.arch}@${version}`,
  ]);
  const manifest = {
    private: true,
    type: "module",
    dependencies: Object.fromEntries([...packed, ...runtimes, ["solid-js", "^1.9.0"]]),
  };
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  run("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]);
  cpSync(join(root, "scripts/install/use.js"), join(project, "use.js"));
  for (const version of NODES) {
    const node = join(project, "node_modules", `node-${version}`, "bin/node");
    const expected = `v${version}.`;
    run(node, ["use.js", expected], { timeout: 120_000 });
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
