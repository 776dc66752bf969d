import type { ErrorCode } from "@inkwire/core/protocol";
import type { StopSignal } from "../runtime.js";

/** What the exit code of `inkwire` says. Scripts depend on these numbers: they never change. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** The command line is wrong: nothing was done. */
  usage: 2,
  /** Stopped before the end; `inkwire resume` goes on. */
  stopped: 3,
  /** A key or token is missing or was refused. */
  auth: 4,
  /** The server or provider can't be reached. */
  unreachable: 5,
} as const;

/** 128 + the number of the signal, as shells do: for a command that was told twice to stop. */
export const signalExitCodes: Readonly<Record<StopSignal, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};

const byErrorCode: ReadonlyMap<string, number> = new Map<ErrorCode, number>([
  ["invalid_option", exitCodes.usage],
  ["invalid_request", exitCodes.usage],
  ["source_unreadable", exitCodes.usage],
  ["cancelled", exitCodes.stopped],
  ["aborted", exitCodes.stopped],
  ["paused", exitCodes.stopped],
  ["budget_exceeded", exitCodes.stopped],
  ["author_refused_key", exitCodes.auth],
  ["author_unavailable", exitCodes.auth],
  ["token_missing", exitCodes.auth],
  ["token_invalid", exitCodes.auth],
  ["token_expired", exitCodes.auth],
  ["token_unavailable", exitCodes.auth],
  ["scope_missing", exitCodes.auth],
  ["provider_unreachable", exitCodes.unreachable],
  ["server_unreachable", exitCodes.unreachable],
  ["auth_unavailable", exitCodes.unreachable],
  ["draining", exitCodes.unreachable],
]);

/** The exit code for an error, by its `code`; 1 for everything that has none of its own. */
export function exitCodeOf(errorCode: string): number {
  return byErrorCode.get(errorCode) ?? exitCodes.failed;
}
