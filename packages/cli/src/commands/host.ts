import type { Runtime } from "../runtime.js";

/** What the definition of a command is given. What does the work is imported only when the command runs. */
export interface CommandHost {
  readonly runtime: Runtime;
  /** Tells the exit code of the command that ran. */
  readonly finish: (exitCode: number) => void;
}
