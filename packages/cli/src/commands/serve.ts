import { InvalidArgumentError, Option, type Command } from "commander";
import { duration, nonEmpty, wholeNumber, type GlobalFlags } from "./flags.js";
import type { CommandHost } from "./host.js";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export interface ServeFlags extends GlobalFlags {
  readonly port: number;
  readonly host: string;
  readonly cors?: readonly string[];
  readonly jwks?: string;
  readonly authors?: readonly string[];
  /** Milliseconds. */
  readonly drain: number;
  readonly trustProxy: number;
  /** `false` after `--no-query-token`. */
  readonly queryToken: boolean;
  readonly redis?: string;
  readonly redisPrefix?: string;
  readonly logLevel?: (typeof logLevels)[number];
}

export function serveCommand(program: Command, { runtime, finish }: CommandHost): void {
  program
    .command("serve")
    .summary("serve books and their messages over HTTP")
    .description(
      "Serve the books of this home over HTTP: messages over SSE (/events) and WebSocket (/ws), and the API below /api. The address is printed on stdout, the log goes to stderr. The first SIGTERM or Ctrl-C drains: clients are told when to come back, and books reach a checkpoint. A second one ends at once.",
    )
    .option("--port <n>", "0 takes any free one", wholeNumber(0, 65_535), 4555)
    .option(
      "--host <address>",
      "127.0.0.1 is for this machine alone, 0.0.0.0 for everybody",
      nonEmpty,
      "127.0.0.1",
    )
    .option("--cors <origin...>", "pages of these origins may use it, such as https://app.example")
    .option("--jwks <url>", "check tokens by the keys of this issuer instead of a secret", nonEmpty)
    .option(
      "--authors <list>",
      "whom users may let write, such as offline,openai:gpt-5-mini,local:* (default: a name alone, with the model set for it)",
      authorList,
    )
    .option(
      "--drain <time>",
      "over how long clients are spread when it stops",
      duration(0, 600_000),
      10_000,
    )
    .option("--trust-proxy <n>", "how many proxies of yours stand in front", wholeNumber(0, 16), 0)
    .option(
      "--redis <url>",
      "keep everything in this Redis, and share it with other servers: one server, any of a cluster, or redis+sentinel://host1,host2/name (a password better in INKWIRE_REDIS_URL)",
      nonEmpty,
    )
    .option("--redis-prefix <name>", "what its keys begin with (default: inkwire)", nonEmpty)
    .option("--no-query-token", "refuse tokens in addresses (?token=)")
    .addOption(
      new Option(
        "--log-level <level>",
        `${logLevels.join(", ")} (default: info, on a terminal warn)`,
      ).argParser(logLevel),
    )
    .addHelpText(
      "after",
      `
Examples:
  inkwire serve
  inkwire serve --authors offline,openai:gpt-5-mini
  inkwire serve --host 0.0.0.0 --trust-proxy 1 --cors https://app.example
  inkwire serve --redis redis://10.0.0.5:6379 --host 0.0.0.0 --trust-proxy 1
  curl -N -H "Authorization: Bearer $(inkwire token)" http://127.0.0.1:4555/events

Environment:
  INKWIRE_JWT_SECRET    what tokens are signed with (default: kept in the home)
  INKWIRE_REDIS_URL     the same as --redis, and not seen in a list of processes
  INKWIRE_JWT_ISSUER    the iss, and INKWIRE_JWT_AUDIENCE the aud, that tokens must have
`,
    )
    .action(async (_own: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServeFlags>();
      const { serve } = await import("../services/serve.js");
      finish(await serve(runtime, flags));
    });
}

/** `offline,local:*`, also given more than once; the server checks what stands there. */
function authorList(value: string, previous: readonly string[] | undefined): readonly string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.some((name) => name === ""))
    throw new InvalidArgumentError("Expected a list such as offline,local:*.");
  return [...(previous ?? []), ...names];
}

function logLevel(value: string): (typeof logLevels)[number] {
  const level = logLevels.find((name) => name === value);
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`Expected one of ${logLevels.join(", ")}.`);
}
