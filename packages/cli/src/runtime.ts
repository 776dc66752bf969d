import type { Output } from "./output/stream.js";

export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";
/** What a terminal makes of keys. */
export type KeySignal = "SIGINT" | "SIGTSTP" | "SIGQUIT";

/** What a command has of the world around it. Made once in `main.ts`; tests pass their own. */
export interface Runtime {
  /** The words after `inkwire`. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute: what relative paths on the command line start from. */
  readonly cwd: string;
  readonly stdin: NodeJS.ReadStream;
  /** Results and data only. */
  readonly stdout: Output;
  /** Everything that is said to people. */
  readonly stderr: Output;
  /** `performance.now()` when the process began to work on the command. */
  readonly startedAtMs: number;
  /** Calls `listener` for each signal that asks to stop; gives back how to leave that to Node again. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Does what the terminal does at a key: a signal to this process, or with `SIGTSTP` to all of the command's. */
  raise(signal: KeySignal): void;
  /** Calls `listener` when the process goes on after it was stopped; gives back how to leave that. */
  onContinue(listener: () => void): () => void;
  /** Ends the process at once, for when somebody asked twice. */
  exit(code: number): never;
}
