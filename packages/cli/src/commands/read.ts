import type { Command } from "commander";
import { exitCodes } from "../output/exit-codes.js";
import { bookId, wholeNumber, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

interface ReadFlags extends GlobalFlags {
  readonly chapter?: number;
}

export function readCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("read")
    .summary("print the text of a book as Markdown")
    .description(
      "Print the text of a book as Markdown, also while it is being written. On a terminal it opens in $PAGER where that is set.",
    )
    .argument("<id>", "the number of the book", bookId)
    .option("--chapter <n>", "only this chapter", wholeNumber(1, 10_000))
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ReadFlags>();
      const { readBook } = await import("../services/read-book.js");
      const { page } = await import("../output/pager.js");
      const text = await readBook(runtime, id, flags);
      await page(runtime, text);
      finish(exitCodes.done);
    });
}
