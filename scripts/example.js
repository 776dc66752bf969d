// `pnpm example minimal`: an example of this checkout, with the packages built first where a source has changed.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build-if-stale.js";

const folder = fileURLToPath(new URL("../examples/", import.meta.url));
const name = process.argv[2] ?? "";
const start = ["server.js", "server/main.ts", "index.js"]
  .map((file) => `${folder}${name}/${file}`)
  .find((path) => /^[\w-]+$/.test(name) && existsSync(path));
if (start === undefined) {
  const names = readdirSync(folder).filter((entry) =>
    ["server.js", "server/main.ts"].some((file) => existsSync(`${folder}${entry}/${file}`)),
  );
  process.stderr.write(`error: Expected the name of an example, one of ${names.join(", ")}\n`);
  process.exit(2);
}
buildIfStale();
process.chdir(`${folder}${name}`);
// What has a bundler of its own is shown as its author sees it, without a build.
if (start.endsWith(".ts")) process.argv.push("--dev");
await import(start);
