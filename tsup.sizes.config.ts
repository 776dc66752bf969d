import { defineConfig } from "tsup";

// What a page's bundler makes of the client: one file an entry, minified, with everything in it. For size-limit alone.
export default defineConfig({
  entry: {
    all: "packages/client/src/index.ts",
    client: "packages/client/src/create-client.ts",
    sse: "packages/client/src/sse.ts",
  },
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
});
