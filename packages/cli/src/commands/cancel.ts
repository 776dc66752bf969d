import type { Command } from "commander";
import { sanitizeLine } from "../output/sanitize.js";
import { exitCodes } from "../output/exit-codes.js";
import { bookId, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export function cancelCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("cancel")
    .summary("stop a book, wherever it is being written")
    .description(
      "Stop a book, also one that another process writes. What is written is kept, and `inkwire resume <id>` goes on with it.",
    )
    .argument("<id>", "the number of the book", bookId)
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags>();
      const { cancelBook } = await import("../services/cancel-book.js");
      const { title, status } = await cancelBook(runtime, id, flags);
      const name = `book ${id}: ${sanitizeLine(title, 200)}`;
      runtime.stderr.write(
        status === "cancelled"
          ? `Cancelled ${name}\n`
          : status === "completed" || status === "failed"
            ? `Nothing is left to cancel, it is ${status}; ${name}\n`
            : `Cancelling ${name}; its process ends the step first\n`,
      );
      finish(exitCodes.done);
    });
}
