import type { ProgressMode } from "./renderer.js";

export const progressChoices = ["auto", "tty", "plain", "json", "none"] as const;
export type ProgressChoice = (typeof progressChoices)[number];

/** All that the choice of a renderer depends on. */
export interface ModeInput {
  /** `--progress` */
  readonly progress?: ProgressChoice | undefined;
  /** `--json` */
  readonly json?: boolean | undefined;
  /** `--quiet` */
  readonly quiet?: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdinIsTty: boolean;
  readonly stdoutIsTty: boolean;
  readonly stderrIsTty: boolean;
}

/** `problem` is a sentence about flags or environment that contradict each other. */
export type ModeChoice =
  | { readonly mode: ProgressMode; readonly mayAsk: boolean; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * Chooses how progress is shown, and whether questions may be asked. Flags win over `INKWIRE_PROGRESS`, which wins over
 * what the streams are. The live view is drawn on stderr, so a stdout that goes into a file or pipe does not end it;
 * without a terminal there it is plain lines, also when it was asked for.
 */
export function chooseMode(input: ModeInput): ModeChoice {
  const asked = askedFor(input);
  if ("problem" in asked) return asked;
  const mode = modeFor(asked.choice, input);
  const mayAsk =
    input.stdinIsTty && input.stderrIsTty && mode !== "json" && !isSet(input.env["CI"]);
  return { mode, mayAsk };
}

type Asked = { readonly choice: ProgressChoice } | { readonly problem: string };

function askedFor({ progress, json = false, quiet = false, env }: ModeInput): Asked {
  if (json && quiet) return { problem: "--json and --quiet can't be used together" };
  const short: ProgressChoice | undefined = json ? "json" : quiet ? "none" : undefined;
  if (short !== undefined && progress !== undefined && progress !== short) {
    const flag = json ? "--json" : "--quiet";
    return { problem: `${flag} and --progress=${progress} can't be used together` };
  }
  const flag = short ?? progress;
  if (flag !== undefined) return { choice: flag };
  const value = env["INKWIRE_PROGRESS"];
  if (value === undefined || value === "") return { choice: "auto" };
  const choice = progressChoices.find((known) => known === value);
  return choice === undefined
    ? { problem: `expected INKWIRE_PROGRESS to be one of ${progressChoices.join(", ")}` }
    : { choice };
}

function modeFor(choice: ProgressChoice, { env, stderrIsTty }: ModeInput): ProgressMode {
  if (choice === "json" || choice === "none" || choice === "plain") return choice;
  // A dumb terminal has no cursor to move, and neither has a file: nothing live can be drawn there.
  if (!stderrIsTty || env["TERM"] === "dumb") return "plain";
  return choice === "auto" && isSet(env["CI"]) ? "plain" : "tty";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0" && value !== "false";
}
