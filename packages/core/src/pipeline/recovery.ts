import type { Locks } from "../storage/types.js";
import type { Clock } from "./clock.js";
import { isEnded } from "./endings.js";
import type { JobStore } from "./job-store.js";
import { pipelineFor, type AnyPipeline } from "./pipelines.js";
import { lockOf } from "./run-job.js";
import type { Job, JobQueue } from "./types.js";

export interface RecoveryDeps {
  readonly store: JobStore;
  readonly locks: Locks;
  readonly pipelines: ReadonlyMap<string, AnyPipeline>;
  readonly clock: Clock;
  readonly queue: JobQueue;
  /** Whether it waits or runs in this process. */
  readonly isHere: (jobId: string) => boolean;
  readonly putInLine: (job: Job, resumed: boolean) => void;
  readonly onError: (error: unknown) => void;
  /** How long a job in another process's line is left to it, in milliseconds. */
  readonly patienceMs: number;
}

/** Finds jobs that nobody works on, because their process is gone. */
export interface Recovery {
  /** Looks at all of them; gives back the ids of those it put in line. */
  once(): Promise<string[]>;
  /** Goes on to look every `everyMs` until `signal` aborts. */
  keep(everyMs: number, signal: AbortSignal): Promise<void>;
}

/** Jobs that had ended are read again after so many looks: another process may have resumed one, and died. */
const LOOKS_AT_ENDED = 60;

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { store, locks, pipelines, clock, queue, isHere, putInLine, onError } = deps;

  const adopt = async (job: Job): Promise<boolean> => {
    if (isHere(job.id) || !pipelines.has(job.pipeline)) return false;
    try {
      pipelineFor(pipelines, job);
      if (await locks.isHeld(lockOf(job.id))) return false;
      if ((await queue.holds?.(job.id)) === true) return false;
      putInLine(job, job.status === "processing");
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  };
  const waits = (job: Job) => !isEnded(job.status) && job.paused === undefined;
  /** It may wait in a line of a process that lives, which no lock tells. */
  const isFresh = (job: Job) =>
    queue.holds === undefined &&
    job.status === "queued" &&
    clock.now() - Date.parse(job.updatedAt) < deps.patienceMs;

  const lookAgain = async (ended: Set<string>) => {
    for (const id of await store.ids()) {
      if (ended.has(id) || isHere(id)) continue;
      try {
        const job = await store.get(id);
        if (job === undefined) continue;
        if (isEnded(job.status)) ended.add(id);
        else if (waits(job) && !isFresh(job)) await adopt(job);
      } catch (error) {
        onError(error);
      }
    }
  };

  return {
    async once() {
      const ids: string[] = [];
      for (const job of await store.list()) if (waits(job) && (await adopt(job))) ids.push(job.id);
      return ids;
    },
    async keep(everyMs, signal) {
      const ended = new Set<string>();
      for (let look = 1; ; look++) {
        try {
          await clock.sleep(everyMs, signal);
        } catch {
          return;
        }
        if (look % LOOKS_AT_ENDED === 0) ended.clear();
        await lookAgain(ended).catch(onError);
      }
    },
  };
}
