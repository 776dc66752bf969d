import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const entry = new URL("../../src/books/index.ts", import.meta.url).href;
const hooks = new URL("support/source-hooks.mjs", import.meta.url).href;

/** Loads the entry in a fresh process and tells which packages came with it. */
const script = `
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const isPackage = !/^(?:\\.|node:|file:)/.test(specifier);
      if (isPackage && !context.parentURL.includes("/node_modules/")) loaded.add(specifier);
      return next(specifier, context);
    },
  });
  const { createAuthors } = await import(${JSON.stringify(entry)});
  createAuthors({ env: {} });
  console.log(JSON.stringify([...loaded].sort()));
`;

it("loads neither a model library nor a Markdown parser nor a zip writer", async () => {
  const { stdout } = await run(process.execPath, [
    "--import",
    hooks,
    "--input-type=module",
    "--eval",
    script,
  ]);
  expect(JSON.parse(stdout)).toEqual(["p-queue", "valibot"]);
});
