// Writes what `inkwire init` copies into `packages/cli/templates`: examples of this checkout, made ready for npm. Part of the
// build, and ignored by git, so that a template is never older than its example.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = `${root}packages/cli/templates/`;

/** Name of a template, and the example that it is made of. */
const templates = {
  minimal: "minimal",
  express: "embed-express",
  hono: "embed-hono",
  orders: "orders",
};
const notCopied = new Set(["node_modules", "dist", "data"]);

/**
 * The files of an example, by their paths in it.
 * @param {string} example
 * @param {string} folder
 * @returns {string[]}
 */
function filesOf(example, folder = "") {
  return readdirSync(`${root}examples/${example}/${folder}`, { withFileTypes: true })
    .filter(({ name }) => !notCopied.has(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesOf(example, `${folder}${entry.name}/`)
        : [`${folder}${entry.name}`],
    );
}

/** Everything that a template is made of, from the root of the checkout. */
export const templateSources = () => [
  "scripts/templates.js",
  "pnpm-workspace.yaml",
  ...Object.values(templates).flatMap((example) =>
    filesOf(example).map((file) => `examples/${example}/${file}`),
  ),
];

/**
 * A manifest that npm can install: the workspace's own versions are those that belong to this command.
 * @param {string} text
 */
function manifestFor(text) {
  const manifest = JSON.parse(text);
  const { version, engines } = JSON.parse(
    readFileSync(`${root}packages/core/package.json`, "utf8"),
  );
  const catalog = readFileSync(`${root}pnpm-workspace.yaml`, "utf8");
  /** @param {string} name @param {string} range */
  const rangeOf = (name, range) => {
    if (range.startsWith("workspace:")) return `^${version}`;
    if (range !== "catalog:") return range;
    const found = new RegExp(`^  "?${name}"?: (\\S+)$`, "m").exec(catalog)?.[1];
    if (found === undefined) throw new Error(`${name} is not in the catalog`);
    return `^${found}`;
  };
  for (const key of ["dependencies", "devDependencies"]) {
    for (const [name, range] of Object.entries(manifest[key] ?? {}))
      manifest[key][name] = rangeOf(name, range);
  }
  return `${JSON.stringify({ ...manifest, engines }, null, 2)}\n`;
}

/**
 * A README for whoever has nothing but the folder: npm's commands, and no links out of it.
 * @param {string} text
 */
function readmeFor(text) {
  return text
    .replace(/^(npx -y pnpm@12 example \S+|pnpm start)/m, "npm install\nnpm start")
    .replaceAll(/ ?[^.\n]*\]\(\.\.\/[^)]*\)[^.\n]*\./g, "");
}

export function writeTemplates() {
  rmSync(target, { recursive: true, force: true });
  for (const [name, example] of Object.entries(templates)) {
    for (const file of filesOf(example)) {
      const from = `${root}examples/${example}/${file}`;
      const to = `${target}${name}/${file}`;
      mkdirSync(dirname(to), { recursive: true });
      if (file === "package.json") writeFileSync(to, manifestFor(readFileSync(from, "utf8")));
      else if (file === "README.md") writeFileSync(to, readmeFor(readFileSync(from, "utf8")));
      else copyFileSync(from, to);
    }
  }
}

if (import.meta.filename === process.argv[1]) writeTemplates();
