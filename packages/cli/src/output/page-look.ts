import type { GlobalFlags } from "../commands/flags.js";
import type { Runtime } from "../runtime.js";
import type { Output } from "./stream.js";
import { createPaint, wantsColor, type Paint } from "./color.js";

/** How a page looks that is printed on stdout. */
export interface PageLook {
  readonly paint: Paint;
  readonly columns: number | undefined;
}

export function pageLook(
  { stdout, env }: Pick<Runtime, "stdout" | "env">,
  { color }: Pick<GlobalFlags, "color">,
): PageLook {
  return {
    paint: createPaint(wantsColor({ noColor: !color, env, isTty: stdout.isTty })),
    columns: columnsOf(stdout),
  };
}

/** Of a terminal; `undefined` where it is none, or says nothing: what a program reads is not broken into lines. */
export function columnsOf({ isTty, stream }: Output): number | undefined {
  return isTty && stream.columns > 0 ? stream.columns : undefined;
}
