import type { Command } from "commander";
import { pageLook } from "../output/page-look.js";
import { exitCodes } from "../output/exit-codes.js";
import { writeJsonLine } from "../output/json.js";
import { nonEmpty, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface InboxFlags extends GlobalFlags {
  readonly unread?: boolean;
  readonly read?: string;
  readonly readAll?: boolean;
  readonly delete?: string;
  readonly json?: boolean;
}

export function inboxCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("inbox")
    .summary("your notifications")
    .description(
      "Show your notifications, the newest first: of this home, or with --server those of a server.",
    )
    .option("--unread", "only what was not read yet")
    .option("--read <id>", "mark one as read", nonEmpty)
    .option("--read-all", "mark all as read")
    .option("--delete <id>", "delete one", nonEmpty)
    .option("--json", "one JSON object a line, one for each notification")
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<InboxFlags>();
      const { openInbox } = await import("../services/inbox.js");
      await using inbox = await openInbox(runtime, flags);
      if (flags.read !== undefined) await inbox.read(flags.read);
      if (flags.readAll) await inbox.readAll();
      if (flags.delete !== undefined) await inbox.remove(flags.delete);
      const { notifications, unread } = await inbox.list(flags.unread ?? false);
      if (flags.json) {
        for (const notification of notifications) writeJsonLine(runtime.stdout, notification);
      } else {
        const { formatInbox } = await import("../output/inbox-text.js");
        if (notifications.length > 0) {
          runtime.stdout.write(formatInbox(notifications, pageLook(runtime, flags).paint));
        }
        const count = unread === 0 ? "nothing is unread" : `${unread} unread`;
        const which = flags.unread ? "unread notification" : "notification";
        const total = notifications.length === 0 ? `No ${which}` : "";
        runtime.stderr.write(`${[total, count].filter((text) => text !== "").join(", ")}\n`);
      }
      finish(exitCodes.done);
    });
}
