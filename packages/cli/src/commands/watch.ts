import type { Command } from "commander";
import { addProgressFlags, bookId, type ProgressFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface WatchFlags extends ProgressFlags {
  readonly all?: boolean;
}

export function watchCommand(program: Command, { runtime, finish }: CommandHost): void {
  const command = program
    .command("watch")
    .summary("look on while a server writes a book")
    .description(
      "Look on while a server writes a book: from anywhere, as often as you like, and leaving stops nothing. Without a number: the newest book that is being written. The server is the one of --server, else the one on this machine.",
    )
    .argument("[id]", "the number of the book", bookId)
    .option("--all", "every message of yours as a line of JSON, until Ctrl-C")
    .action(async (id: number | undefined, _own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<WatchFlags>();
      const { watchAll, watchBook } = await import("../services/watch.js");
      finish(await (flags.all ? watchAll(runtime, flags) : watchBook(runtime, id, flags)));
    });
  addProgressFlags(command).addHelpText(
    "after",
    `
Examples:
  inkwire watch
  inkwire watch 7 --server https://books.example --token "$TOKEN"
  inkwire watch --all | jq 'select(.type == "notification")'
`,
  );
}
