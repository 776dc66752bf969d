// `pnpm packed [folder]`: the three packages as npm would publish them, for a project that is to use this checkout.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build-if-stale.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @param {string} folder - made if it is not there; tarballs of before are removed from it.
 * @returns {Record<string, string>} the path of each package's tarball, by the package's name.
 */
export function packAll(folder) {
  buildIfStale();
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder))
    if (/^inkwire-.*\.tgz$/.test(file)) rmSync(join(folder, file));
  /** @type {Record<string, string>} */
  const packed = {};
  for (const name of ["core", "client", "cli"]) {
    const { status } = spawnSync("npx", ["-y", "pnpm@12", "pack", "--pack-destination", folder], {
      cwd: `${root}packages/${name}`,
      stdio: ["ignore", "ignore", "inherit"],
      timeout: 240_000,
    });
    const file = readdirSync(folder).find((one) => one.startsWith(`inkwire-${name}-`));
    if (status !== 0 || file === undefined) throw new Error(`packages/${name} could not be packed`);
    packed[`@inkwire/${name}`] = join(folder, file);
  }
  return packed;
}

if (import.meta.filename === process.argv[1]) {
  const folder = resolve(process.argv[2] ?? join(root, "packed"));
  packAll(folder);
  process.stdout.write(`${folder}\nIn your project: npm install ${folder}/*.tgz\n`);
}
