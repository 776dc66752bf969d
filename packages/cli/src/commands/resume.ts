import { Option, type Command } from "commander";
import {
  addLimitFlags,
  addProgressFlags,
  bookId,
  formatList,
  nonEmpty,
  type LimitFlags,
  type OutputFlags,
  type ProgressFlags,
} from "./flags.js";
import type { CommandHost } from "./host.js";

export interface ResumeFlags extends ProgressFlags, OutputFlags, LimitFlags {}

export function resumeCommand(program: Command, { runtime, finish }: CommandHost): void {
  const command = program
    .command("resume")
    .summary("go on with a book that stopped")
    .description(
      "Go on with a book that stopped. Finished chapters are not written again. Without a number: the one that stopped last.",
    )
    .argument("[id]", "the number of the book", bookId)
    .addOption(
      new Option(
        "--format <list>",
        "epub, markdown, html, pdf, docx (default: as before)",
      ).argParser(formatList),
    )
    .option(
      "-o, --out <path>",
      "a folder for the files, or one file such as tides.epub (default: as before)",
      nonEmpty,
    )
    .action(async (id: number | undefined, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ResumeFlags>();
      const { resumeBook } = await import("../services/resume-book.js");
      finish(await resumeBook(runtime, id, flags));
    });
  addLimitFlags(command);
  addProgressFlags(command);
}
