#!/usr/bin/env node
// Everything here is syntax that Node 14 parses, so that an old Node gets a sentence and not a stack.
import module from "module";

var needed = [22, 18];
var found = process.versions.node.split(".").map(Number);

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  process.stderr.write(
    "error: inkwire needs Node " +
      needed.join(".") +
      " or newer, and this is Node " +
      process.versions.node +
      "\nhint: install a current Node from https://nodejs.org, or run `npx -y -p node@24 -p @inkwire/cli inkwire`\n",
  );
  process.exit(1);
} else {
  prepare(process.env);
  import("../dist/main.js").catch(fail);
}

function prepare(env) {
  // Reading the compiled code back halves the time until the first line.
  if (module.enableCompileCache) module.enableCompileCache();
  // React runs its slower development build unless told otherwise.
  if (env.NODE_ENV === undefined) env.NODE_ENV = "production";
  // The colour library below Ink knows FORCE_COLOR only; who sets both wants colour.
  if ((env.NO_COLOR || env.INKWIRE_NO_COLOR) && env.FORCE_COLOR === undefined)
    env.FORCE_COLOR = "0";
}

function fail(error) {
  var notBuilt =
    error && error.code === "ERR_MODULE_NOT_FOUND" && /dist[\\/]main\.js'/.test(error.message);
  if (!notBuilt) throw error;
  process.stderr.write("error: this checkout is not built yet\nhint: run `pnpm build`\n");
  process.exit(1);
}
