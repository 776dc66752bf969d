import { solidPlugin } from "esbuild-plugin-solid";
import { defineConfig, type Options } from "tsup";

// What a page's bundler makes of the client: one file an entry, minified, with everything in it. For size-limit alone.
const page = {
  outDir: "packages/client/node_modules/.cache/sizes",
  format: "esm",
  target: "es2022",
  platform: "browser",
  minify: true,
  splitting: false,
  dts: false,
  silent: true,
  noExternal: [/./],
  esbuildOptions: (options) => {
    options.conditions = ["inkwire-src"];
  },
} satisfies Options;

export default defineConfig([
  {
    ...page,
    entry: {
      all: "packages/client/src/index.ts",
      client: "packages/client/src/create-client.ts",
      sse: "packages/client/src/sse.ts",
    },
  },
  {
    ...page,
    // What the skin for Solid adds to a page that has Solid and the client: the difference to `solid-none`.
    entry: {
      "solid-none": "packages/client/test/sizes/solid-none.ts",
      "solid-primitives": "packages/client/test/sizes/solid-primitives.ts",
      "solid-all": "packages/client/test/sizes/solid-all.ts",
    },
    esbuildOptions: (options) => {
      options.conditions = ["inkwire-src", "browser"];
    },
    // As a page compiles its own components.
    esbuildPlugins: [solidPlugin({ solid: { generate: "dom", hydratable: false } })],
  },
]);
