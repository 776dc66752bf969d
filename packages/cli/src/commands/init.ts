import type { Command } from "commander";
import { nonEmpty, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface InitFlags extends GlobalFlags {
  readonly template: string;
}

export function initCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("init")
    .summary("start a project of your own: a server and a page")
    .description(
      "Copy a small project into an empty folder, the current one unless another is named. Nothing is downloaded and nothing is run.",
    )
    .argument("[folder]", "made where it is not there", ".")
    .option(
      "--template <name>",
      "what to start from: minimal (a server, a page, no build), express or hono (inside an application with its own login), orders (messages and a pipeline of one's own), solid (a whole web app)",
      nonEmpty,
      "minimal",
    )
    .addHelpText(
      "after",
      `
Examples:
  inkwire init my-books
  inkwire init shop --template express
  inkwire init press --template solid
`,
    )
    .action(async (folder: string, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<InitFlags>();
      const { initProject } = await import("../services/init-project.js");
      finish(await initProject(runtime, folder, flags.template));
    });
}
