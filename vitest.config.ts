import { fileURLToPath } from "node:url";
import solid from "vite-plugin-solid";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const sourceConditions = {
  resolve: { conditions: ["inkwire-src"] },
  ssr: { resolve: { conditions: ["inkwire-src", "module", "node", "development|production"] } },
};

const roots: Readonly<Record<string, string>> = { bench: "bench", workspace: "." };
const tests: Readonly<Record<string, string>> = {
  workspace: "scripts/test/**/*.test.ts",
  cli: "test/**/*.test.{ts,tsx}",
};

/** What kills processes and weighs heaps takes minutes: `pnpm test:soak` runs it, and CI both. */
const soakOnly = [
  "test/session.test.ts",
  "test/redis/away.test.ts",
  "test/redis/followed-slow.test.ts",
  "test/redis/takeover-slow.test.ts",
  "test/books/large-book.test.ts",
  "test/books/killed-anywhere.test.ts",
  "test/books/gguf-book.test.ts",
  "test/transports/crowd.test.ts",
  "test/transports/memory.test.ts",
  "test/heap.test.ts",
  "test/nodes.test.ts",
  "test/two-servers.test.ts",
];
const isSoak = process.env["INKWIRE_SOAK_SEED"] !== undefined;

const common = {
  exclude: [...configDefaults.exclude, ...(isSoak ? [] : soakOnly)],
  typecheck: { enabled: false },
  // Files share a worker: one of its own for each costs a third of the whole run's CPU time.
  isolate: false,
  // `.ci/run` tries once more what fails on a shared machine, and the report names it. At home nothing is.
  retry: Number(process.env["INKWIRE_TEST_RETRIES"] ?? 0),
  // A test that hangs ends; one that is only slow on a busy machine does not fail.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 15_000 } },
};

/** What takes longest by itself: begun last, it would leave the other core idle at the end. */
const long =
  /(same-bytes|transport|epub|takeover|gguf|gguf-author|atomic-driver|cluster|serve|remote|real-server|live)\.test/;

/** What waits for browsers and pens comes first, too. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const turn = ({ project, moduleId }: TestSpecification) =>
      ["solid-app", "workspace"].includes(project.name) ? 0 : long.test(moduleId) ? 1 : 2;
    return (await super.sort(files)).toSorted((a, b) => turn(a) - turn(b));
  }
}

/** One project a package: each runs on the sources, through the private export condition `inkwire-src`. */
export default defineConfig({
  test: {
    // Many tests wait for processes, browsers and sockets: three workers for each of the two cores of the smallest machine.
    maxWorkers: 6,
    sequence: { sequencer: LongestFirst },
    projects: [
      ...["core", "client", "cli", "bench", "workspace"].map((name) => ({
        ...sourceConditions,
        root: roots[name] ?? `packages/${name}`,
        test: {
          ...common,
          name,
          environment: "node" as const,
          include: [tests[name] ?? "test/**/*.test.ts"],
        },
      })),
      {
        // The example in a browser, built and served as its users would.
        root: "examples/solid-app",
        test: {
          ...common,
          name: "solid-app",
          environment: "node" as const,
          include: ["test/*.test.ts"],
          globalSetup: fileURLToPath(
            new URL("examples/solid-app/test/support/build-once.ts", import.meta.url),
          ),
        },
      },
      {
        // The client's tests with JSX: in a document, as a browser would load it.
        plugins: [solid()],
        resolve: { conditions: ["inkwire-src", "development", "browser"] },
        root: "packages/client",
        test: {
          ...common,
          name: "solid",
          environment: "jsdom" as const,
          include: ["test/solid/**/*.test.tsx"],
        },
      },
    ],
  },
});
