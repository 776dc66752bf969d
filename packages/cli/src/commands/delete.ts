import type { Command } from "commander";
import { sanitizeLine } from "../output/sanitize.js";
import { exitCodes } from "../output/exit-codes.js";
import { bookId, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

interface DeleteFlags extends GlobalFlags {
  readonly yes?: boolean;
}

export function deleteCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("delete")
    .alias("rm")
    .summary("delete a book and everything written for it")
    .description(
      "Delete a book and everything written for it. Files that were saved or exported stay where they are.",
    )
    .argument("<id>", "the number of the book", bookId)
    .option("-y, --yes", "do not ask")
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<DeleteFlags>();
      const { deleteBook } = await import("../services/delete-book.js");
      const title = await deleteBook(runtime, id, flags);
      if (title === undefined) runtime.stderr.write("Nothing was deleted\n");
      else runtime.stderr.write(`Deleted book ${id}: ${sanitizeLine(title, 200)}\n`);
      finish(exitCodes.done);
    });
}
