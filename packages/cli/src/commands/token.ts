import type { Topic } from "@inkwire/core/protocol";
import type { Command } from "commander";
import { exitCodes } from "../output/exit-codes.js";
import { duration, nonEmpty, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export interface TokenFlags extends GlobalFlags {
  readonly user: string;
  /** Milliseconds. */
  readonly ttl: number;
  readonly scope?: readonly string[];
  readonly topic?: readonly Topic[];
}

const MAX_TTL_MS = 3_650 * 86_400_000;

export function tokenCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("token")
    .summary("print a token for a user of this server")
    .description(
      "Print a token that `inkwire serve` of the same home accepts. It is signed with INKWIRE_JWT_SECRET, or with the secret that is kept in the home.",
    )
    .option(
      "--user <id>",
      "who it is for; `local` owns the books of this command line",
      nonEmpty,
      "local",
    )
    .option(
      "--ttl <time>",
      "how long it lives, such as 90s, 15m, 12h or 30d",
      duration(1_000, MAX_TTL_MS),
      3_600_000,
    )
    .option("--scope <name...>", "what it allows beside one's own, such as admin")
    .option("--topic <name...>", "topics beside the user's own, such as book/7")
    .addHelpText(
      "after",
      `
Examples:
  inkwire token --user 42
  inkwire token --user ops --scope admin --ttl 15m
  curl -N -H "Authorization: Bearer $(inkwire token --user 42)" http://127.0.0.1:4555/events
`,
    )
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<TokenFlags>();
      const { issueToken } = await import("../services/issue-token.js");
      runtime.stdout.write(`${await issueToken(runtime, flags)}\n`);
      finish(exitCodes.done);
    });
}
