import { InvalidArgumentError, type Command } from "commander";
import { addProgressFlags, type ProgressFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface DemoFlags extends ProgressFlags {
  readonly speed: number;
}

export function demoCommand(program: Command, { runtime, finish }: CommandHost): void {
  const command = program
    .command("demo")
    .summary("see a recording of a book being written")
    .description(
      "See a recording of a book being written, in the pace in which it was. It needs no key, no model and no network, stores nothing, and says that it is a recording.",
    )
    .option("--speed <n>", "how many times as fast, from 0.1 to 100", speed, 1)
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DemoFlags>();
      const { replayDemo } = await import("../services/demo.js");
      finish(await replayDemo(runtime, flags));
    });
  addProgressFlags(command).addHelpText(
    "after",
    `
Examples:
  inkwire demo
  inkwire demo --speed 3
  inkwire demo --json --speed 100 | jq -r .type
`,
  );
}

function speed(value: string): number {
  const number = /^\d{1,3}(\.\d{1,3})?$/.test(value.trim()) ? Number(value) : 0;
  if (number >= 0.1 && number <= 100) return number;
  throw new InvalidArgumentError("Expected a number from 0.1 to 100.");
}
