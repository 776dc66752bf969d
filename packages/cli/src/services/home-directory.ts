import { resolve } from "node:path";
import envPaths from "env-paths";
import type { Runtime } from "../runtime.js";

/** Where books are kept: `--home`, else `INKWIRE_HOME`, else the platform's data folder. Absolute. */
export function homeDirectory(
  { env, cwd }: Pick<Runtime, "env" | "cwd">,
  flags: { readonly home?: string },
): string {
  const chosen = flags.home || env["INKWIRE_HOME"];
  return chosen ? resolve(cwd, chosen) : envPaths("inkwire", { suffix: "" }).data;
}
