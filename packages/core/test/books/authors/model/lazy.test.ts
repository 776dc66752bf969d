import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const chooser = new URL("../../../../src/books/authors/choose.ts", import.meta.url).href;

/** Loads the chooser in a fresh process, makes an author, and tells which packages were loaded by that. */
const script = `
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      if (!/^(?:\\.|node:|file:)/.test(specifier)) loaded.add(specifier);
      const source = specifier.startsWith(".") ? specifier.replace(/\\.js$/, ".ts") : specifier;
      return next(source, context);
    },
  });
  const { chooseAuthor } = await import(${JSON.stringify(chooser)});
  const env = { OPENAI_API_KEY: "sk-test" };
  const choice = await chooseAuthor({ env, offline() { throw new Error("not asked for"); } });
  choice.create();
  console.log(JSON.stringify([...loaded]));
`;

test("choosing and making an author loads no model library", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual(["valibot"]);
});
