// Packs each published package and checks what users would install: publint, are-the-types-wrong, sizes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "inkwire-pack-"));
let failed = false;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} options
 */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: "inherit", ...options });
  if (result.status !== 0) {
    process.stderr.write(`error: ${command} ${args.join(" ")} ended with ${result.status}\n`);
    failed = true;
  }
}

try {
  for (const name of ["core", "client", "cli"]) {
    run("npx", ["-y", "pnpm@12", "pack", "--pack-destination", folder], {
      cwd: `packages/${name}`,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  for (const tarball of readdirSync(folder)) {
    run("publint", ["run", join(folder, tarball), "--strict"]);
    // The command has no entry for importing, so there are no types of it to check.
    if (!tarball.includes("cli"))
      run("attw", [join(folder, tarball), "--profile", "esm-only", "--format", "ascii"]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
run("tsup", ["--config", "tsup.sizes.config.ts"]);
run("size-limit", []);
process.exit(failed ? 1 : 0);
