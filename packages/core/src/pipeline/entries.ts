import { createEntry, type Entry } from "./entry.js";
import type { Job, JobQueue } from "./types.js";

/** The jobs that this process has something to do with: those that it put in line, and those that it runs. */
export interface Entries {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly queue: JobQueue;
  /** Runs it at once, or gives it the end that is asked for. */
  run(entry: Entry): Promise<void>;
  putInLine(job: Job, resumed: boolean, isNew?: boolean): void;
  /** Takes a job that waits out of the line, to write its end or its pause at once. What has begun hears of it there. */
  takeOut(entry: Entry): Promise<void>;
}

export interface EntriesOptions {
  readonly createQueue: (work: (jobId: string) => Promise<void>) => JobQueue;
  /** Resolves with the job as it was left. */
  readonly run: (entry: Entry) => Promise<Job | undefined>;
  readonly onQueued: (job: Job) => void;
  readonly onEnded: (jobId: string) => void;
  readonly isClosing: () => boolean;
  readonly onError: (error: unknown) => void;
}

export function createEntries(options: EntriesOptions): Entries {
  const { run: work, onQueued, onEnded, isClosing, onError } = options;
  const entries = new Map<string, Entry>();

  const finish = (entry: Entry, job: Job | undefined) => {
    if (entries.get(entry.id) === entry) entries.delete(entry.id);
    entry.end(job);
  };
  const open = (
    id: string,
    job: Job | undefined,
    past: Pick<Entry, "resumed" | "isNew">,
  ): Entry => {
    const entry = createEntry(id, job, past);
    entries.set(id, entry);
    return entry;
  };
  const run = async (entry: Entry) => {
    entry.taken = true;
    finish(entry, await work(entry));
    onEnded(entry.id);
  };
  /** The queue may belong to several processes, and hand over a job that another one put in line. */
  const queue = options.createQueue((id) =>
    run(entries.get(id) ?? open(id, undefined, { resumed: false, isNew: false })),
  );

  return {
    entries,
    queue,
    run,
    putInLine(job, resumed, isNew = false) {
      // Closed meanwhile, or put in line by a second caller: it is stored, so nothing is lost.
      if (isClosing() || entries.has(job.id)) return;
      const entry = open(job.id, job, { resumed, isNew });
      onQueued(job);
      queue
        .enqueue(job.id, { owner: job.owner, priority: job.priority })
        .catch(onError)
        .finally(() => {
          entry.hasLeft = true;
          if (!entry.taken && !entry.isLeaving) finish(entry, undefined);
        });
    },
    async takeOut(entry) {
      entry.isLeaving = true;
      const isOut = await queue.withdraw(entry.id);
      entry.isLeaving = false;
      if (entry.taken) return;
      if (isOut) await run(entry);
      else if (entry.hasLeft) finish(entry, undefined);
    },
  };
}
