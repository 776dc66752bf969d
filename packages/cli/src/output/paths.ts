import { isAbsolute, relative } from "node:path";
import type { Runtime } from "../runtime.js";
import { sanitizeLine } from "./sanitize.js";

/** A path as it is printed: short where it lies below the current folder; for a terminal, without what could act on it. */
export function displayPath(
  { cwd, stdout }: Pick<Runtime, "cwd" | "stdout">,
  path: string,
): string {
  const fromHere = relative(cwd, path);
  const outside = fromHere === "" || fromHere.startsWith("..") || isAbsolute(fromHere);
  const shown = outside ? path : fromHere;
  return stdout.isTty ? sanitizeLine(shown, 4_096) : shown;
}
