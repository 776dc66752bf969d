import { spawn } from "node:child_process";
import type { Runtime } from "../runtime.js";
import { sanitizeText } from "./sanitize.js";

/**
 * Prints text on stdout, through `$PAGER` when that is a terminal and the variable is set. The text is made safe in any
 * case: a pipe often ends in a terminal too.
 */
export async function page(runtime: Runtime, text: string): Promise<void> {
  const safe = sanitizeText(text);
  const pager = runtime.env["PAGER"];
  if (!runtime.stdout.isTty || !pager || pager === "cat") {
    runtime.stdout.write(safe);
    return;
  }
  // By a shell, as `PAGER="less -R"` is a command line; it is the user's own setting.
  const child = spawn(pager, { shell: true, stdio: ["pipe", "inherit", "inherit"] });
  // Quitting the pager early closes the pipe.
  child.stdin.on("error", () => undefined);
  child.stdin.end(safe);
  const exitCode = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", resolve);
  });
  // The shell's "not found": then the text itself is better than nothing.
  if (exitCode === 127) runtime.stdout.write(safe);
}
