import type { Command } from "commander";
import { sanitizeLine } from "../output/sanitize.js";
import { exitCodes } from "../output/exit-codes.js";
import { bookId, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export function pauseCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("pause")
    .summary("let running chapters end, and begin no other")
    .description(
      "Let the chapters that are being written come to their end, and begin no other, wherever the book is written. It waits until `inkwire resume <id>`.",
    )
    .argument("<id>", "the number of the book", bookId)
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<GlobalFlags>();
      const { openSession } = await import("../services/session.js");
      await using session = await openSession(runtime, flags);
      const book = await session.books.pause(session.owner, id);
      const name = `book ${id}: ${sanitizeLine(book.title, 200)}`;
      const hasEnded = !book.stopped && book.status !== "queued" && book.status !== "processing";
      runtime.stderr.write(
        hasEnded
          ? `Nothing to pause in ${name}; it is ${book.status}\n`
          : book.stopped
            ? `Paused ${name}\n`
            : `Pausing ${name}; what is being written ends first\n`,
      );
      finish(exitCodes.done);
    });
}
