// Writes the API reference into `docs/api`: one page an entry point, from the docstrings of what is public. The site is
// built from it, and git ignores it. A link of a docstring that leads nowhere fails it, and so does an undocumented export.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind } from "typedoc";

const docs = fileURLToPath(new URL(".", import.meta.url));
const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/**
 * What the manifests make public, and the file that it is in the sources: `core-server` for `@inkwire/core/server`.
 * @returns {Map<string, string>}
 */
function entryPoints() {
  const found = new Map();
  for (const name of ["core", "client"]) {
    const manifest = JSON.parse(readFileSync(`${packages}${name}/package.json`, "utf8"));
    for (const [path, target] of Object.entries(manifest.exports)) {
      const source = target["inkwire-src"];
      if (!/\.tsx?$/.test(source ?? "")) continue;
      found.set(`${name}/${source.slice(2)}`, name + path.slice(1).replace("/", "-"));
    }
  }
  return found;
}

/** @param {string} page */
const entryOf = (page) => `@inkwire/${page.replace("-", "/")}`;

/**
 * Whether a reader learns what it is: from its own docstring, or for the shape of something, from those of its members.
 * @param {import("typedoc").DeclarationReflection} exported
 */
function isDocumented(exported) {
  const { type } = exported;
  const shape = type?.type === "reflection" ? type.declaration : exported;
  const members = exported.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias])
    ? (shape.children ?? [])
    : [];
  return [exported, ...members]
    .flatMap((part) => [part, ...(part.signatures ?? [])])
    .some((part) => part.hasComment());
}

/** The name that typedoc gives the module of a file. @param {string} file */
const moduleName = (file) => file.replace(/(\/index)?\.tsx?$/, "");

const sources = entryPoints();
const pages = new Map([...sources].map(([file, page]) => [moduleName(file), page]));
const app = await Application.bootstrapWithPlugins(
  /** @type {import("typedoc").TypeDocOptions} */ ({
    entryPoints: [...sources.keys()].map((file) => packages + file),
    tsconfig: `${docs}tsconfig.api.json`,
    // `pnpm typecheck` has done it, with the workspace's own compiler.
    skipErrorChecking: true,
    plugin: ["typedoc-plugin-markdown"],
    outputs: [{ name: "markdown", path: `${docs}api` }],
    outputFileStrategy: "modules",
    entryFileName: "index",
    readme: "none",
    disableSources: true,
    excludeExternals: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    tableColumnSettings: { hideModifiers: true },
    pageTitleTemplates: {
      index: () => "API reference",
      module: (/** @type {{ name: string }} */ { name }) => entryOf(name),
    },
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
    treatValidationWarningsAsErrors: true,
  }),
);
const project = await app.convert();
if (project === undefined) process.exit(1);
for (const module of project.children ?? []) {
  const page = pages.get(moduleName(module.name));
  if (page === undefined) throw new Error(`No entry point is ${module.name}`);
  module.name = page;
  for (const exported of module.children ?? []) {
    if (exported.kind !== ReflectionKind.Reference && !isDocumented(exported))
      app.logger.error(`${entryOf(page)}: ${exported.name} has no docstring`);
  }
}
app.validate(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
rmSync(`${docs}api`, { recursive: true, force: true });
await app.generateOutputs(project);

// To typedoc `Bus.stats` and `BusStats` share an anchor, so it counts; on the page only one of them is a heading of that name.
for (const page of pages.values()) {
  const file = `${docs}api/${page}.md`;
  const text = readFileSync(file, "utf8").replaceAll(
    /\]\((?:([\w-]+)\.md)?#([a-z]+)-1\)/g,
    (link, other = page, name) => {
      const target = readFileSync(`${docs}api/${other}.md`, "utf8");
      const headings = target.match(new RegExp(`^#+ ${name}$`, "gim")) ?? [];
      return headings.length === 1 ? link.replace("-1)", ")") : link;
    },
  );
  writeFileSync(file, text);
}
const rows = [...pages.values()]
  .toSorted()
  .map((page) => `| [\`${entryOf(page)}\`](./${page}.md) |`);
const head =
  "# API reference\n\nEvery public name, from the docstrings of this version.\n\n| entry point |\n| --- |\n";
writeFileSync(`${docs}api/index.md`, `${head}${rows.join("\n")}\n`);
