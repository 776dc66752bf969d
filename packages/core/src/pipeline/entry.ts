import type { InkwireError } from "../protocol/index.js";
import { cancelledByUser, stoppedByShutdown } from "./endings.js";
import type { LiveJob } from "./live-job.js";
import type { Job } from "./types.js";

/** A job that waits or runs in this process. */
export interface Entry {
  readonly id: string;
  /** As it was when it was put in line. */
  readonly job: Job | undefined;
  /** It had begun before. */
  readonly resumed: boolean;
  /** Its id was made for it here just now, so nothing of it can lie anywhere yet. */
  readonly isNew: boolean;
  /** Aborts when the work has to stop now. */
  readonly signal: AbortSignal;
  /** Aborts when no further step may begin. */
  readonly draining: AbortSignal;
  /** Its run, or its cancel, has begun: it no longer only waits. */
  taken: boolean;
  /** Somebody is about to take it out of the line. */
  isLeaving: boolean;
  /** The line has it no more. */
  hasLeft: boolean;
  /** There while it runs. */
  live: LiveJob | undefined;
  /** Settles when it no longer waits or runs here: with the job's end, or `undefined` when it did not run here. */
  readonly ended: Promise<Job | undefined>;
  end(job: Job | undefined): void;
  cancel(): void;
  drain(): void;
  /** As `drain`, but the job then waits for a resume that somebody asks for. */
  pause(reason: InkwireError): void;
  interrupt(): void;
  /** Stops the work without an end of the job, such as for a lost lease. */
  stop(reason: Error): void;
}

export function createEntry(
  id: string,
  job: Job | undefined,
  { resumed = false, isNew = false }: { readonly resumed?: boolean; readonly isNew?: boolean } = {},
): Entry {
  const stopping = new AbortController();
  const draining = new AbortController();
  const { promise: ended, resolve: end } = Promise.withResolvers<Job | undefined>();
  return {
    id,
    job,
    resumed,
    isNew,
    signal: stopping.signal,
    draining: draining.signal,
    taken: false,
    isLeaving: false,
    hasLeft: false,
    live: undefined,
    ended,
    end,
    cancel: () => stopping.abort(cancelledByUser()),
    drain: () => draining.abort(stoppedByShutdown()),
    pause: (reason) => draining.abort(reason),
    interrupt: () => stopping.abort(stoppedByShutdown()),
    stop: (reason) => stopping.abort(reason),
  };
}
