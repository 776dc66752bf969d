import { defineConfig } from "vitest/config";

const sourceConditions = {
  resolve: { conditions: ["inkwire-src"] },
  ssr: { resolve: { conditions: ["inkwire-src", "module", "node", "development|production"] } },
};

const roots: Readonly<Record<string, string>> = { bench: "bench", workspace: "." };

/** One project a package: each runs on the sources, through the private export condition `inkwire-src`. */
export default defineConfig({
  test: {
    projects: ["core", "client", "cli", "bench", "workspace"].map((name) => ({
      ...sourceConditions,
      root: roots[name] ?? `packages/${name}`,
      test: {
        name,
        environment: "node" as const,
        include: name === "workspace" ? ["scripts/test/**/*.test.ts"] : ["test/**/*.test.{ts,tsx}"],
        typecheck: { enabled: false },
        testTimeout: 20_000,
        hookTimeout: 30_000,
      },
    })),
  },
});
