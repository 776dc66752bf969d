import { readFileSync } from "node:fs";
import { Command, CommanderError, Option, type Argument } from "commander";
import { cancelCommand } from "./commands/cancel.js";
import { chapterCommand } from "./commands/chapter.js";
import { createCommand } from "./commands/create.js";
import { deleteCommand } from "./commands/delete.js";
import { demoCommand } from "./commands/demo.js";
import { doctorCommand } from "./commands/doctor.js";
import { exportCommand } from "./commands/export.js";
import type { CommandHost } from "./commands/host.js";
import { initCommand } from "./commands/init.js";
import { listCommand } from "./commands/list.js";
import { pauseCommand } from "./commands/pause.js";
import { readCommand } from "./commands/read.js";
import { resumeCommand } from "./commands/resume.js";
import { showCommand } from "./commands/show.js";
import { serveCommand } from "./commands/serve.js";
import { tokenCommand } from "./commands/token.js";
import { inboxCommand } from "./commands/inbox.js";
import { watchCommand } from "./commands/watch.js";
import { createPaint, wantsColor } from "./output/color.js";
import { exitCodes } from "./output/exit-codes.js";
import type { Output } from "./output/stream.js";
import type { Runtime } from "./runtime.js";

/** Runs the command that `runtime.argv` names, says what went wrong where something did, and gives back the exit code. */
export async function runProgram(runtime: Runtime): Promise<number> {
  let exitCode: number = exitCodes.done;
  const usage = { text: "" };
  const host: CommandHost = {
    runtime,
    finish: (code) => {
      exitCode = code;
    },
  };
  const program = buildProgram(host, usage);
  if (runtime.argv.length === 0) {
    program.outputHelp();
    return exitCodes.done;
  }
  try {
    await program.parseAsync(runtime.argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(runtime, error);
    // `--help` and `--version` end this way too.
    return error.exitCode === 0 ? exitCodes.done : reportUsage(runtime, usage.text);
  }
}

/** Tells an error on stderr, or as a line of JSON where that was asked for; gives back the exit code for it. */
export async function reportFailure(runtime: Runtime, error: unknown): Promise<number> {
  const { reportError } = await import("./output/report.js");
  return reportError(runtime, error);
}

async function reportUsage(runtime: Runtime, text: string): Promise<number> {
  const { reportUsageError } = await import("./output/report.js");
  return reportUsageError(runtime, text);
}

/** @param usage - takes what commander says about a wrong command line, so that it is told like every other error. */
function buildProgram(host: CommandHost, usage: { text: string }): Command {
  const { runtime } = host;
  // Commander has not parsed anything yet when it formats help or an error.
  const noColor = runtime.argv.includes("--no-color");
  const colorOn = (output: Output) =>
    wantsColor({ noColor, env: runtime.env, isTty: output.isTty });
  const paint = createPaint(true);
  const program = new Command("inkwire")
    .description(
      "Write a book with a language model, or from your own Markdown, and watch it being written.",
    )
    .usage("<command> [options]")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help for a command")
    .addOption(new Option("--home <dir>", "where books are kept"))
    .addOption(new Option("--server <url>", "work with the books of this server"))
    .addOption(new Option("--token <jwt>", "your token for that server"))
    .addOption(new Option("--debug", "show stack traces"))
    .addOption(new Option("--no-color", "no colour"))
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({
      showGlobalOptions: true,
      helpWidth: Math.min(100, runtime.stdout.stream.columns ?? 80),
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(" "),
      styleTitle: (text) => paint("bold", text),
      styleCommandText: (text) => paint("cyan", text),
      styleSubcommandText: (text) => paint("cyan", text),
      styleOptionText: (text) => paint("cyan", text),
      styleArgumentText: (text) => paint("yellow", text),
    })
    .configureOutput({
      writeOut: (text) => runtime.stdout.write(text),
      writeErr: (text) => runtime.stderr.write(text),
      outputError: (text) => {
        usage.text += text;
      },
      getOutHasColors: () => colorOn(runtime.stdout),
      getErrHasColors: () => colorOn(runtime.stderr),
    });
  program.commandsGroup("Write:");
  createCommand(program, host);
  resumeCommand(program, host);
  pauseCommand(program, host);
  cancelCommand(program, host);
  program.commandsGroup("Books:");
  listCommand(program, host);
  showCommand(program, host);
  readCommand(program, host);
  chapterCommand(program, host);
  exportCommand(program, host);
  deleteCommand(program, host);
  program.commandsGroup("Server:");
  serveCommand(program, host);
  watchCommand(program, host);
  inboxCommand(program, host);
  tokenCommand(program, host);
  program.commandsGroup("More:");
  initCommand(program, host);
  demoCommand(program, host);
  doctorCommand(program, host);
  program.helpCommand("help [command]", "show help for a command");
  program.addHelpText("after", `\n${rootHelp}`);
  return program;
}

const rootHelp = `Examples:
  inkwire create "The Tides of Brittany"
  inkwire create "My notes" --from docs/ --format epub,html
  inkwire resume
  inkwire read 7 | less
  inkwire demo

Exit codes:
  0  done                 3  stopped, can be resumed
  1  failed               4  a key is missing or was refused
  2  wrong command line   5  the server can't be reached
  129, 130, 143  forced to stop by a second signal

Environment:
  INKWIRE_HOME       where books are kept (--home)
  INKWIRE_SERVER     the server whose books these are (--server)
  INKWIRE_TOKEN      your token for it (--token)
  INKWIRE_PROGRESS   auto, tty, plain, json or none (--progress)
  INKWIRE_DEBUG      show stack traces (--debug)
  INKWIRE_NO_COLOR   no colour, as NO_COLOR does; FORCE_COLOR wins over both
  INKWIRE_JWT_SECRET what tokens are signed with (default: kept in the home)
  INKWIRE_COHERENCE  off: no story bible, no mending, and so no requests for them
  INKWIRE_PRICE      what models cost, such as 0.25/2: USD a million tokens in/out
  OPENAI_API_KEY     the key of a model provider; OPENAI_BASE_URL where it answers
`;

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "");
  return argument.required ? `<${name}>` : `[${name}]`;
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
