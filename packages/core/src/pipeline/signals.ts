import type { Clock } from "./clock.js";

/** What one process of a home tells the others at once. */
export interface JobSignal {
  /** `cancel` and `pause`: it was asked for, and is written down. `ended`: it runs no longer where it ran. */
  readonly type: "cancel" | "pause" | "ended";
  readonly jobId: string;
}

/**
 * Words between the processes of a home. They may go lost: they only say when to look at what is stored, which is looked at
 * from time to time all the same.
 */
export interface JobSignals {
  /** Tells all processes, this one included. Never throws. */
  send(signal: JobSignal): void;
  /** Gives back how to stop. */
  listen(listener: (signal: JobSignal) => void): () => void;
}

/** How often what another process may have stored is looked at, in milliseconds: without signals, and beside them. */
export const LOOK_EVERY_MS = { alone: 250, signalled: 2_000 } as const;

/** Waits for news of one job from other processes. */
export interface Ear {
  /** Resolves when it may have ended: at a word of it since the last call, or after a while. Rejects when `closing` aborts. */
  next(closing: AbortSignal): Promise<void>;
  stop(): void;
}

export function createEar(signals: JobSignals | undefined, clock: Clock, jobId: string): Ear {
  let heard = new AbortController();
  const stop = signals?.listen((signal) => {
    if (signal.type === "ended" && signal.jobId === jobId) heard.abort("heard");
  });
  const everyMs = signals === undefined ? LOOK_EVERY_MS.alone : LOOK_EVERY_MS.signalled;
  return {
    async next(closing) {
      try {
        await clock.sleep(everyMs, AbortSignal.any([heard.signal, closing]));
      } catch {
        closing.throwIfAborted();
        heard = new AbortController();
      }
    },
    stop: () => stop?.(),
  };
}
