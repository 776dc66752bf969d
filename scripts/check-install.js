// `pnpm check:install`: installs what would be published into empty projects, with npm and with pnpm, and uses it there on each
// Node that is promised, also on a Redis; then makes a project of each template with `inkwire init`, installs and starts it. Needs the registry.
// `pnpm check:install npm 22` is the shortest of it: one manager, one Node. A template's name takes that one alone.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { serveOnRedis } from "./install/serve-redis.js";
import { startTemplate, templates } from "./install/templates.js";
import { packAll } from "./pack.js";

const only = new Set(process.argv.slice(2));
/** @param {string[]} all @returns {string[]} */
const chosen = (all) =>
  all.some((one) => only.has(one)) ? all.filter((one) => only.has(one)) : all;
const NODES = chosen(["22", "24", "26"]);
const root = fileURLToPath(new URL("..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "inkwire-install-"));
/** @param {string} version */
const nodeOf = (version) => join(place, "runtimes/node_modules", `node-${version}`, "bin/node");
/** @type {Record<string, string[]>} */
const installers = {
  npm: ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
  pnpm: ["npx", "-y", "pnpm@12", "install", "--ignore-scripts", "--silent"],
};

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
function run(command, args, options) {
  const result = spawnSync(command, args, { stdio: "inherit", timeout: 240_000, ...options });
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${result.status ?? result.signal}`);
  return String(result.stdout ?? "");
}

/** @param {string} folder @param {Record<string, string>} dependencies @param {string} manager */
function install(folder, dependencies, manager) {
  mkdirSync(folder, { recursive: true });
  const manifest = { private: true, type: "module", dependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  // pnpm reads its overrides here: the packages ask for each other by version, and none is published yet.
  const overrides = Object.entries(packed).map(([name, tarball]) => `  "${name}": "${tarball}"\n`);
  writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("")}`);
  const [command = "", ...args] = installers[manager] ?? [];
  run(command, args, { cwd: folder });
}

/** What bundlers make of it for a page: nothing of Node may be in the way. @param {string} folder */
async function bundle(folder) {
  for (const entry of ["client", "client/sse", "client/solid", "core/protocol"]) {
    const { outputFiles } = await build({
      stdin: { contents: `export * from "@inkwire/${entry}";`, resolveDir: folder },
      bundle: true,
      platform: "browser",
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    if ((outputFiles[0]?.contents.length ?? 0) < 1_000)
      throw new Error(`${entry}: nothing bundled`);
  }
}

/** @type {Record<string, string>} */
let packed = {};
try {
  packed = Object.fromEntries(
    Object.entries(packAll(place)).map(([name, path]) => [name, `file:${path}`]),
  );
  // The runtimes themselves, as the `node` package brings them, without its install script.
  const runtimes = NODES.map((version) => [
    `node-${version}`,
    `npm:node-${process.platform}-${process.arch}@${version}`,
  ]);
  install(join(place, "runtimes"), Object.fromEntries(runtimes), "npm");

  const core = JSON.parse(readFileSync(`${root}packages/core/package.json`, "utf8"));
  // With npm there is only what comes along; with pnpm what `@inkwire/core/redis` asks for is there too.
  const redis = pick(core.peerDependencies, ["ioredis", "bullmq"]);
  for (const manager of chosen(Object.keys(installers))) {
    const project = join(place, manager);
    install(
      project,
      { ...packed, "solid-js": "^1.9.0", ...(manager === "pnpm" ? redis : {}) },
      manager,
    );
    cpSync(join(root, "scripts/install/use.js"), join(project, "use.js"));
    for (const version of NODES) run(nodeOf(version), ["use.js", `v${version}.`], { cwd: project });
    await bundle(project);

    const command = join(project, "node_modules/@inkwire/cli/bin/inkwire.js");
    for (const version of NODES) await serveOnRedis(project, nodeOf(version), command);
    for (const name of chosen(Object.keys(templates))) {
      const template = templates[name];
      if (template === undefined) continue;
      // Where a person would have it: in a folder of its own, with nothing above it.
      const app = join(place, `${manager}-${name}`);
      run(nodeOf(NODES[0] ?? ""), [command, "init", app, "--template", name], {
        stdio: ["ignore", "ignore", "ignore"],
      });
      const manifest = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
      const asked = { ...manifest.dependencies, ...manifest.devDependencies };
      install(app, { ...asked, ...pick(packed, Object.keys(asked)) }, manager);
      for (const version of NODES) await startTemplate(app, nodeOf(version), template);
    }
    process.stdout.write(
      `${manager}: used, bundled, served on Redis, and a project of each template made, installed and started\n`,
    );
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** @param {Record<string, string>} all @param {string[]} names */
function pick(all, names) {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
