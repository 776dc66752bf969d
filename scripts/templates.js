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
  solid: "solid-app",
};
const notCopied = new Set(["node_modules", "dist", "data", "test"]);
/** What only those tests need; the first of them is not even published. */
const notAsked = new Set(["@inkwire/test-browser", "axe-core", "playwright-core", "vitest"]);

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
    for (const [name, range] of Object.entries(manifest[key] ?? {})) {
      if (notAsked.has(name)) delete manifest[key][name];
      else manifest[key][name] = rangeOf(name, range);
    }
  }
  return `${JSON.stringify({ ...manifest, engines }, null, 2)}\n`;
}

/**
 * A configuration of the compiler that stands alone.
 * @param {string} text
 */
function compilerFor(text) {
  const { extends: _base, compilerOptions, ...own } = JSON.parse(text);
  const base = JSON.parse(readFileSync(`${root}tsconfig.base.json`, "utf8")).compilerOptions;
  const { customConditions: _ours, ...shared } = base;
  return `${JSON.stringify({ compilerOptions: { ...shared, ...compilerOptions }, ...own }, null, 2)}\n`;
}

/**
 * A README for whoever has nothing but the folder: npm's commands, and no links out of it.
 * @param {string} text
 */
function readmeFor(text) {
  return text
    .replace(/^(npx -y pnpm@12 example \S+|pnpm start)/m, (command) =>
      // The one with a development server of its own.
      command.endsWith("solid-app") ? "npm install\nnpm run dev" : "npm install\nnpm start",
    )
    .replaceAll("# in a checkout: ", "# ")
    .replaceAll(/`pnpm (\w+)`/g, "`npm run $1`")
    .replaceAll(/\[([^\]]+)\]\(\.\.\/[^)]*\) instead/g, "$1 instead")
    .replaceAll(/\[([^\]]+)\]\(\.\.\/[^)]*\)(?= [^.\n]*\|$)/gm, "$1")
    .replaceAll(/ ?[^.\n]*\]\(\.\.\/[^)]*\)[^.\n]*\./g, "");
}

/** What is not copied as it is. */
const made = new Map([
  ["package.json", manifestFor],
  ["tsconfig.json", compilerFor],
  ["README.md", readmeFor],
]);

export function writeTemplates() {
  rmSync(target, { recursive: true, force: true });
  for (const [name, example] of Object.entries(templates)) {
    for (const file of filesOf(example)) {
      const from = `${root}examples/${example}/${file}`;
      const to = `${target}${name}/${file}`;
      mkdirSync(dirname(to), { recursive: true });
      const make = made.get(file);
      if (make === undefined) copyFileSync(from, to);
      else writeFileSync(to, make(readFileSync(from, "utf8")));
    }
  }
}

if (import.meta.filename === process.argv[1]) writeTemplates();
