import type { ProgressFlags } from "../commands/flags.js";
import { InkwireError } from "@inkwire/core/protocol";
import { systemClock } from "../output/clock.js";
import { wantsColor } from "../output/color.js";
import { chooseMode } from "../output/mode.js";
import type { ProgressMode, ProgressRenderer } from "../output/renderer.js";
import type { Runtime } from "../runtime.js";

/** How this command shows progress. @throws InkwireError `invalid_option` for flags that contradict each other. */
export function resolveMode(runtime: Runtime, flags: ProgressFlags): ProgressMode {
  const choice = chooseMode({
    progress: flags.progress,
    json: flags.json,
    quiet: flags.quiet,
    env: runtime.env,
    stdinIsTty: runtime.stdin.isTTY,
    stdoutIsTty: runtime.stdout.isTty,
    stderrIsTty: runtime.stderr.isTty,
  });
  if (choice.problem !== undefined) {
    throw new InkwireError("invalid_option", choice.problem, {
      hint: "--progress, --json, --quiet and INKWIRE_PROGRESS all choose how progress is shown",
    });
  }
  return choice.mode;
}

/** Makes the renderer for a mode; only the live view loads what draws it. */
export async function createRenderer(
  runtime: Runtime,
  mode: ProgressMode,
  flags: ProgressFlags,
): Promise<ProgressRenderer> {
  const { stdout, stderr, env } = runtime;
  const write = (text: string) => stderr.write(text);
  if (mode === "tty") {
    const { createTtyRenderer } = await import("../views/book-view.js");
    const color = wantsColor({ noColor: !flags.color, env, isTty: stderr.isTty });
    const { openKeys } = await import("../output/keys.js");
    const keys = openKeys(runtime);
    return createTtyRenderer({ stream: stderr.stream, color, env, keys });
  }
  if (mode === "json") {
    const { createJsonRenderer } = await import("../output/json.js");
    return createJsonRenderer(stdout);
  }
  if (mode === "none") {
    const { createSilentRenderer } = await import("../output/silent.js");
    return createSilentRenderer(write);
  }
  const { createPlainRenderer } = await import("../output/plain.js");
  return createPlainRenderer({ write, clock: systemClock });
}
