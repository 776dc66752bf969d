import type { Command } from "commander";
import { pageLook } from "../output/page-look.js";
import { commandLine } from "../output/command-line.js";
import { writeJsonLine } from "../output/json.js";
import { exitCodes } from "../output/exit-codes.js";
import type { GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

interface ListFlags extends GlobalFlags {
  readonly json?: boolean;
}

export function listCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("list")
    .alias("ls")
    .summary("list your books")
    .description("List your books, the newest first.")
    .option("--json", "one JSON object a line, one for each book")
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ListFlags>();
      const { openSession } = await import("../services/session.js");
      const { bookJson, formatBookTable } = await import("../output/book-text.js");
      const { createWarnings } = await import("../services/warnings.js");
      const warnings = createWarnings(runtime, flags.json ? "json" : "plain");
      await using session = await openSession(runtime, flags, warnings);
      const books = await session.books.list(session.owner);
      books.sort((a, b) => b.id - a.id);
      if (flags.json) {
        for (const book of books) writeJsonLine(runtime.stdout, bookJson(book));
      } else if (books.length === 0) {
        runtime.stderr.write(
          `No books yet. Write one: ${commandLine(runtime.env, 'create "The Tides of Brittany"')}\n`,
        );
      } else {
        const { paint, columns } = pageLook(runtime, flags);
        runtime.stdout.write(formatBookTable(books, paint, new Date(), columns));
      }
      finish(exitCodes.done);
    });
}
