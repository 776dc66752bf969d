// Packs each published package and checks what users would install: publint, are-the-types-wrong, sizes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

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

/**
 * What npm shows and the licence asks for is inside, and nothing of how it is made.
 * @param {string} tarball
 */
function checkFiles(tarball) {
  const { stdout } = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  const files = stdout.trim().split("\n");
  const missing = ["LICENSE", "README.md", "package.json"].filter(
    (file) => !files.includes(`package/${file}`),
  );
  // What `inkwire init` copies has sources, as it should; of tests and installed packages there is nothing in it either.
  const strange = files.filter((file) =>
    (file.startsWith("package/templates/")
      ? /\/(test|node_modules)\/|tsbuildinfo/
      : /\/(src|test|node_modules)\/|\.map$|tsbuildinfo/
    ).test(file),
  );
  if (missing.length === 0 && strange.length === 0) return;
  process.stderr.write(
    `error: ${tarball} lacks [${missing.join()}] and holds [${strange.join()}]\n`,
  );
  failed = true;
}

/**
 * What one part adds to a page that has another, minified and gzipped: size-limit can't subtract.
 * @param {string} what
 * @param {string} entry
 * @param {number} maxBytes
 * @param {string} [base]
 */
function checkAdded(what, entry, maxBytes, base = "solid-none") {
  const size = (/** @type {string} */ name) =>
    gzipSync(readFileSync(`packages/client/node_modules/.cache/sizes/${name}.js`), { level: 9 })
      .length;
  const added = size(entry) - size(base);
  process.stdout.write(`${what} add ${added} bytes (limit: ${maxBytes})\n`);
  if (added > maxBytes) failed = true;
}

try {
  for (const name of ["core", "client", "cli"]) {
    run("npx", ["-y", "pnpm@12", "pack", "--pack-destination", folder], {
      cwd: `packages/${name}`,
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  for (const tarball of readdirSync(folder)) {
    checkFiles(join(folder, tarball));
    run("publint", ["run", join(folder, tarball), "--strict"]);
    // The command has no entry for importing, so there are no types of it to check.
    if (!tarball.includes("-cli-"))
      run("attw", [
        join(folder, tarball),
        "--profile=esm-only",
        "--format=ascii",
        // A style has none.
        "--exclude-entrypoints=theme.css",
      ]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
run("tsup", ["--config", "tsup.sizes.config.ts"]);
run("size-limit", []);
checkAdded("the primitives for Solid", "solid-primitives", 2_000);
checkAdded("the components for Solid", "solid-all", 5_000, "solid-primitives");
process.exit(failed ? 1 : 0);
