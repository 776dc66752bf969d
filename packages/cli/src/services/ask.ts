import { createInterface } from "node:readline/promises";
import { signalExitCodes } from "../output/exit-codes.js";
import type { Runtime } from "../runtime.js";

/** Asks a yes-or-no question on the terminal; anything but yes, the end of input included, is a no. Ctrl-C ends the process. */
export async function askYesNo(runtime: Runtime, question: string): Promise<boolean> {
  const lines = createInterface({ input: runtime.stdin, output: runtime.stderr.stream });
  try {
    // While a question is open, Ctrl-C is a key that readline reads.
    lines.once("SIGINT", () => {
      runtime.stderr.write("\n");
      runtime.exit(signalExitCodes.SIGINT);
    });
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}

/** Whether somebody is there to answer: questions are read from stdin and shown on stderr. */
export function canAsk({ stdin, stderr }: Runtime): boolean {
  return stdin.isTTY && stderr.isTty;
}
