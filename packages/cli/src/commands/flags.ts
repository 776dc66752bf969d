import { InvalidArgumentError, Option, type Command } from "commander";
import { progressChoices, type ProgressChoice } from "../output/mode.js";

/** Flags that every command has; they may stand before or after its name. */
export interface GlobalFlags {
  readonly home?: string;
  /** The address of a server whose books these are. */
  readonly server?: string;
  readonly token?: string;
  readonly debug?: boolean;
  /** `false` after `--no-color`. */
  readonly color: boolean;
}

/** Flags of the commands that follow a book. */
export interface ProgressFlags extends GlobalFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly progress?: ProgressChoice;
  readonly bell?: boolean;
  readonly yes?: boolean;
}

/** Where and as what a book is saved. */
export interface OutputFlags {
  readonly format?: readonly BookFormat[];
  readonly out?: string;
}

/** What a book may use up. */
export interface LimitFlags {
  readonly maxCost?: number;
  readonly maxTokens?: number;
}

export function addLimitFlags(command: Command): Command {
  const limits = "Limits:";
  return command
    .addOption(
      new Option("--max-cost <usd>", "stop before the book costs more, in all its runs")
        .argParser(dollars)
        .helpGroup(limits),
    )
    .addOption(
      new Option("--max-tokens <n>", "the same in tokens, in and out")
        .argParser(wholeNumber(1_000, 1_000_000_000))
        .helpGroup(limits),
    );
}

/** `2.50`, also `$2.50`. */
function dollars(value: string): number {
  const text = value.trim().replace(/^\$/, "");
  const number = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (number > 0 && number <= 100_000) return number;
  throw new InvalidArgumentError("Expected an amount in USD above 0, such as 2.50.");
}

export const bookFormats = ["epub", "markdown", "html", "pdf", "docx"] as const;
export type BookFormat = (typeof bookFormats)[number];

export function addProgressFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--progress <mode>", "how progress is shown")
        .choices(progressChoices)
        .helpGroup(group),
    )
    .addOption(
      new Option("--json", "one message a line on stdout, the result last").helpGroup(group),
    )
    .addOption(new Option("-q, --quiet", "show no progress").helpGroup(group))
    .addOption(new Option("--bell", "ring the terminal's bell at the end").helpGroup(group))
    .addOption(new Option("-y, --yes", "answer every question with yes").helpGroup(group));
}

const group = "Progress:";

/** A flag for a whole number within bounds; what is neither is a usage error that says what was expected. */
export function wholeNumber(min: number, max: number): (value: string) => number {
  return (value) => {
    const number = /^\d{1,15}$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `15m`, `12h`, `30d` in milliseconds; a number alone is refused, since nobody knows its unit. */
export function duration(minMs: number, maxMs: number): (value: string) => number {
  return (value) => {
    const [, digits = "", unit = ""] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value.trim()) ?? [];
    const ms = Number(digits) * (unitMs[unit] ?? Number.NaN);
    if (ms >= minMs && ms <= maxMs) return ms;
    throw new InvalidArgumentError(
      `Expected a time such as 90s, 15m, 12h or 30d, from ${durationText(minMs)} to ${durationText(maxMs)}.`,
    );
  };
}

function durationText(ms: number): string {
  const [unit, size] = Object.entries(unitMs).findLast(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

/** The number that `inkwire list` shows for a book. */
export function bookId(value: string): number {
  const digits = value.trim().replace(/^#/, "");
  const id = /^\d{1,15}$/.test(digits) ? Number(digits) : 0;
  if (id >= 1) return id;
  throw new InvalidArgumentError("Expected the number of a book, as `inkwire list` shows it.");
}

/** `epub,html`, also given more than once. */
export function formatList(
  value: string,
  previous: readonly BookFormat[] | undefined,
): readonly BookFormat[] {
  const formats = value
    .split(",")
    .filter((name) => name.trim() !== "")
    .map(parseFormat);
  return [...new Set([...(previous ?? []), ...formats])];
}

export function parseFormat(value: string): BookFormat {
  const name = value.trim().toLowerCase();
  const format = bookFormats.find((known) => known === (name === "md" ? "markdown" : name));
  if (format !== undefined) return format;
  throw new InvalidArgumentError(`Expected one or more of ${bookFormats.join(", ")}.`);
}

/** Refuses the empty text that a script's unset variable leaves. */
export function nonEmpty(value: string): string {
  if (value.trim() !== "") return value;
  throw new InvalidArgumentError("Expected some text.");
}
