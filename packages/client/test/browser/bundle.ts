import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { solidPlugin } from "esbuild-plugin-solid";

const here = path.dirname(fileURLToPath(import.meta.url));

/** A page of `pages/` for a browser: of the sources, in one piece. */
export async function bundlePage(name: string): Promise<string> {
  const { outputFiles } = await build({
    ...common(name, "dom"),
    platform: "browser",
    conditions: ["inkwire-src", "browser"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** What a page of `pages/` exports, as a server would have it. */
export async function importForServer(name: string): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(path.join(here, ".server-"));
  try {
    const outfile = path.join(folder, `${name}.mjs`);
    await build({
      ...common(name, "ssr"),
      platform: "node",
      conditions: ["inkwire-src", "node"],
      outfile,
    });
    return (await import(pathToFileURL(outfile).href)) as Record<string, unknown>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function common(name: string, generate: "dom" | "ssr"): BuildOptions {
  return {
    entryPoints: [path.join(here, "pages", `${name}.tsx`)],
    bundle: true,
    format: "esm",
    plugins: [solidPlugin({ solid: { generate, hydratable: true } })],
    // What Solid has to complain about is in its development build.
    define: { "process.env.NODE_ENV": '"development"' },
    logLevel: "error",
  };
}
