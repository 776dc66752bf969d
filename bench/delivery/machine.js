// Where and with what it was measured: numbers without it mean nothing.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, release, type } from "node:os";
import { packages } from "./peers.js";
import { canPinCores } from "./remote.js";

/** What a package does not export is still in its folder. @param {string} name */
function versionOf(name) {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const manifest = folders
    .map((folder) => `${folder}/${name}/package.json`)
    .find((path) => existsSync(path));
  return manifest === undefined ? "?" : JSON.parse(readFileSync(manifest, "utf8")).version;
}

export function describeMachine() {
  const model = cpus()[0]?.model.trim() ?? "unknown CPU";
  const cores = availableParallelism();
  const versions = ["@inkwire/core", ...packages].map((name) => `${name} ${versionOf(name)}`);
  const pinned = canPinCores()
    ? "server on core 0, clients on core 1"
    : "processes not bound to cores";
  return {
    machine: `${model}, ${cores} core${cores === 1 ? "" : "s"}, ${type()} ${release()}, loopback, ${pinned}`,
    versions: `Node ${process.versions.node}, ${versions.join(", ")}`,
  };
}
