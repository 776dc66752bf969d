import type { Command } from "commander";
import { pageLook } from "../output/page-look.js";
import { writeJsonLine } from "../output/json.js";
import { exitCodes } from "../output/exit-codes.js";
import { bookId, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

interface ShowFlags extends GlobalFlags {
  readonly json?: boolean;
}

export function showCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("show")
    .summary("show a book: outline, chapters, state")
    .argument("<id>", "the number of the book", bookId)
    .option("--json", "the book as one JSON object")
    .action(async (id: number, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ShowFlags>();
      const { openSession } = await import("../services/session.js");
      const { bookJson, formatBook } = await import("../output/book-text.js");
      const { createWarnings } = await import("../services/warnings.js");
      const warnings = createWarnings(runtime, flags.json ? "json" : "plain");
      await using session = await openSession(runtime, flags, warnings);
      const book = await session.books.get(session.owner, id);
      if (flags.json) writeJsonLine(runtime.stdout, bookJson(book));
      else {
        const { paint, columns } = pageLook(runtime, flags);
        runtime.stdout.write(formatBook(book, paint, runtime.env, columns));
      }
      finish(exitCodes.done);
    });
}
