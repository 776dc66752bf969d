import { InkwireError } from "@inkwire/core/protocol";
import type { Runtime } from "../runtime.js";
import { createPaint, wantsColor } from "./color.js";
import { errorData, formatError, tellError, type ToldError } from "./errors.js";
import { elapsedSeconds, writeJsonLine, type ResultData } from "./json.js";

/**
 * Tells an error that ended a command. In JSON mode that is a line on stdout: a `result` of `create` and `resume`, whose
 * readers wait for one, and an `error` of the other commands.
 *
 * @returns the exit code.
 */
export function reportError(runtime: Runtime, error: unknown): number {
  const told = tellError(error);
  const debug = isDebug(runtime);
  if (wantsJson(runtime)) {
    writeJsonFailure(runtime, told);
    if (debug && told.stack !== undefined) runtime.stderr.write(`${told.stack}\n`);
  } else {
    runtime.stderr.write(colored(runtime, formatError(told, debug)));
  }
  return told.exitCode;
}

/** Tells what is wrong with the command line, in commander's words. */
export function reportUsageError(runtime: Runtime, text: string): number {
  const [message = "", ...rest] = text.trim().split("\n");
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\((.*)\)$/, "$1");
  return reportError(
    runtime,
    new InkwireError(
      "invalid_option",
      message.replace(/^error: /, "") || "the command line is wrong",
      {
        hint: suggestion || `see \`inkwire ${helpWords(runtime)}--help\``,
      },
    ),
  );
}

export function isDebug({ argv, env }: Runtime): boolean {
  const value = env["INKWIRE_DEBUG"];
  return argv.includes("--debug") || (value !== undefined && value !== "" && value !== "0");
}

/** Colours the two words at the start of the lines of an error, where stderr has colour. */
function colored(runtime: Runtime, text: string): string {
  const noColor = runtime.argv.includes("--no-color");
  const paint = createPaint(wantsColor({ noColor, env: runtime.env, isTty: runtime.stderr.isTty }));
  return text.replace(/^error:/, paint("red", "error:")).replace(/^hint:/m, paint("cyan", "hint:"));
}

function writeJsonFailure(runtime: Runtime, told: ToldError): void {
  if (!followsBook(runtime)) {
    writeJsonLine(runtime.stdout, { type: "error", data: errorData(told) });
    return;
  }
  const data: ResultData = {
    status: "failed",
    files: [],
    elapsed_seconds: elapsedSeconds(runtime),
    exit_code: told.exitCode,
    error: errorData(told),
  };
  writeJsonLine(runtime.stdout, { type: "result", data });
}

// Read from the words themselves: the command line may be what is wrong.
function wantsJson(runtime: Runtime): boolean {
  const { argv, env } = runtime;
  const words = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  if (words.includes("--json")) return true;
  if (!followsBook(runtime)) return false;
  const at = words.findLastIndex((word) => word.startsWith("--progress"));
  if (at < 0) return env["INKWIRE_PROGRESS"] === "json" && !words.includes("--quiet");
  return words[at] === "--progress=json" || words[at + 1] === "json";
}

function followsBook(runtime: Runtime): boolean {
  const name = commandName(runtime);
  return name === "create" || name === "resume" || name === "watch" || name === "demo";
}

function helpWords(runtime: Runtime): string {
  const name = commandName(runtime);
  if (name === undefined) return "";
  const next = runtime.argv[runtime.argv.indexOf(name) + 1] ?? "";
  return name === "chapter" && chapterCommands.has(next) ? `${name} ${next} ` : `${name} `;
}

const commandNames = new Set(
  "create resume pause cancel chapter list show read export delete serve token watch inbox init doctor demo".split(
    " ",
  ),
);

const chapterCommands = new Set(["edit", "versions", "diff", "revert", "regenerate"]);

function commandName({ argv }: Runtime): string | undefined {
  return argv.find((word) => commandNames.has(word));
}
