import { solidPlugin } from "esbuild-plugin-solid";
import { defineConfig, type Options } from "tsup";

// ESM only; declarations come from `tsc` (see the `build` script), one short block per package.
const common = {
  format: "esm",
  target: "node22",
  sourcemap: false,
  dts: false,
  clean: true,
  splitting: true,
} as const;

// What the skin for Solid is built from and what stays outside, so that a page has each of them once.
const solid = {
  ...common,
  clean: false,
  splitting: false,
  outDir: "packages/client/dist",
  target: "es2022",
  skipNodeModulesBundle: true,
  external: ["solid-js", "solid-js/web", "solid-js/store", "@inkwire/client"],
} satisfies Options;

const source = "packages/client/src/solid/index.tsx";

export default defineConfig([
  {
    ...common,
    name: "core",
    entry: {
      index: "packages/core/src/index.ts",
      "protocol/index": "packages/core/src/protocol/index.ts",
      "books/index": "packages/core/src/books/index.ts",
      "server/index": "packages/core/src/server/index.ts",
      "redis/index": "packages/core/src/redis/index.ts",
    },
    outDir: "packages/core/dist",
    // tsup looks for dependencies in the root's manifest; core's own are named in its own.
    skipNodeModulesBundle: true,
  },
  {
    ...common,
    name: "client",
    entry: {
      index: "packages/client/src/index.ts",
      sse: "packages/client/src/sse.ts",
      "testing/index": "packages/client/src/testing/index.ts",
    },
    outDir: "packages/client/dist",
    // All are built at once: what the ones below write is not this one's to delete.
    clean: ["!solid/**", "!theme.css"],
    target: "es2022",
    // The protocol travels inside: one file for browsers, whatever order the packages are built in.
    noExternal: [/^@inkwire\/core/],
    esbuildOptions: (options) => {
      options.conditions = ["inkwire-src"];
    },
  },
  {
    ...solid,
    name: "client, for pages with Solid",
    entry: { "solid/index": source, theme: "packages/client/src/solid/theme.css" },
    esbuildPlugins: [solidPlugin({ solid: { generate: "dom", hydratable: true } })],
  },
  {
    ...solid,
    name: "client, for servers with Solid",
    entry: { "solid/server": source },
    platform: "node",
    esbuildPlugins: [solidPlugin({ solid: { generate: "ssr", hydratable: true } })],
  },
  {
    ...solid,
    name: "client, for what compiles Solid itself",
    entry: { "solid/source/index": source },
    outExtension: () => ({ js: ".jsx" }),
    esbuildOptions: (options) => {
      options.jsx = "preserve";
    },
  },
  {
    ...common,
    name: "cli",
    entry: { main: "packages/cli/src/main.ts" },
    outDir: "packages/cli/dist",
    minify: true,
    // Bundled because `--help` pays for each file that Node has to find; everything heavy stays a lazy import.
    noExternal: ["commander", "env-paths"],
    external: ["ink", "pino", "react", "react/jsx-runtime", "valibot", /^@inkwire\//],
  },
]);
