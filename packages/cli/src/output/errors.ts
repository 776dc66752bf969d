import { inspect } from "node:util";
import { isInkwireError, type WireError } from "@inkwire/core/protocol";
import { exitCodeOf, exitCodes } from "./exit-codes.js";
import type { ErrorData } from "./json.js";
import { sanitizeLine, sanitizeText } from "./sanitize.js";

/** An error as it is told: what went wrong, what to do, and the code that the process ends with. */
export interface ToldError extends ErrorData {
  readonly exitCode: number;
  /** For `--debug`. */
  readonly stack: string | undefined;
}

const hintsBySystemCode: Readonly<Record<string, string>> = {
  EACCES: "check who owns it and its permissions, or choose another folder",
  EPERM: "check who owns it and its permissions, or choose another folder",
  EROFS: "the disk can only be read, choose another folder",
  ENOSPC: "the disk is full: free some space, then go on with `inkwire resume`",
  EDQUOT: "your disk quota is used up: free some space, then go on with `inkwire resume`",
  ENOENT: "check that the path is right, or choose another folder",
  ENOTDIR: "a part of that path is a file, choose another folder",
  EISDIR: "that is a folder, name a file",
  ENAMETOOLONG: "choose a shorter path",
};

/** Makes any thrown value tellable: one safe line each, no stack, and a next step where there is one. */
export function tellError(error: unknown, hint?: string): ToldError {
  // With the causes below it.
  const stack = error instanceof Error ? sanitizeText(inspect(error)) : undefined;
  if (isInkwireError(error) || isWireError(error)) {
    const { code, retryable } = error;
    const told = { code, message: sanitizeLine(error.message), retryable, stack };
    const ownHint = isInkwireError(error) ? error.hint : undefined;
    return { ...told, exitCode: exitCodeOf(code), ...withHint(ownHint ?? hint) };
  }
  const system = systemCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: system === "ENOSPC" ? "disk_full" : "internal",
    message: sanitizeLine(message || "something went wrong"),
    retryable: false,
    exitCode: exitCodes.failed,
    stack,
    ...withHint(
      hintsBySystemCode[system] ??
        hint ??
        (system === "" ? "run it again with --debug to see where" : undefined),
    ),
  };
}

/** The lines for stderr: `error: …`, `hint: …`, and with `debug` the stack. */
export function formatError(told: ToldError, debug: boolean): string {
  const lines = [`error: ${told.message}`];
  if (told.hint !== undefined) lines.push(`hint: ${told.hint}`);
  if (debug && told.stack !== undefined) lines.push(told.stack);
  return `${lines.join("\n")}\n`;
}

/** The part of it that `--json` shows. */
export function errorData({ code, message, retryable, hint }: ToldError): ErrorData {
  return { code, message, retryable, ...withHint(hint) };
}

/** What is left of an error in a book's record. */
function isWireError(value: unknown): value is WireError {
  if (typeof value !== "object" || value === null || value instanceof Error) return false;
  const { code, message, retryable } = value as Partial<WireError>;
  return typeof code === "string" && typeof message === "string" && typeof retryable === "boolean";
}

function withHint(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint: sanitizeLine(hint) };
}

function systemCodeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : "";
}
