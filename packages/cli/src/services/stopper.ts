import { signalExitCodes } from "../output/exit-codes.js";
import type { Runtime, StopSignal } from "../runtime.js";

/** Why a command is to stop: a signal, or nobody reads its stdout any more. */
export type StopReason = StopSignal | "broken_pipe";

/** Turns signals into one wish to stop; the second signal ends the process at once. */
export interface Stopper extends Disposable {
  readonly reason: StopReason | undefined;
  /** Calls `listener` once, with the first reason; at once where there is one. */
  onStop(listener: (reason: StopReason) => void): void;
  request(reason: StopReason): void;
}

export interface StopperOptions {
  readonly runtime: Pick<Runtime, "onSignal" | "exit">;
  /** Leaves the screen tidy before a forced end, which is to be this exit code; waited for only briefly. */
  readonly tidy: (exitCode: number) => Promise<void>;
  /** How long a repeated signal still counts as the first one, in milliseconds. @default 250 */
  readonly repeatMs?: number | undefined;
  /** @default performance.now */
  readonly now?: (() => number) | undefined;
}

// One press of Ctrl-C reaches a command twice where a package manager passes signals on to the scripts it started.
const DEFAULT_REPEAT_MS = 250;
const TIDY_MS = 200;

export function createStopper(options: StopperOptions): Stopper {
  const { runtime, tidy, repeatMs = DEFAULT_REPEAT_MS, now = () => performance.now() } = options;
  const listeners: Array<(reason: StopReason) => void> = [];
  let reason: StopReason | undefined;
  let requestedAt = 0;

  const request = (next: StopReason): void => {
    if (reason === undefined) {
      reason = next;
      requestedAt = now();
      for (const listener of listeners.splice(0)) listener(next);
    } else if (next !== "broken_pipe" && now() - requestedAt >= repeatMs) {
      void force(signalExitCodes[next]);
    }
  };
  const release = runtime.onSignal(request);

  return {
    get reason() {
      return reason;
    },
    request,
    onStop(listener) {
      if (reason === undefined) listeners.push(listener);
      else listener(reason);
    },
    [Symbol.dispose]: release,
  };

  async function force(exitCode: number): Promise<void> {
    await Promise.race([
      tidy(exitCode).catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, TIDY_MS)),
    ]);
    runtime.exit(exitCode);
  }
}
