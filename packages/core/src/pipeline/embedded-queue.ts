import PQueue from "p-queue";
import { InkwireError } from "../protocol/index.js";
import { FairLine, type LineOptions } from "./fair-line.js";
import type { JobQueue } from "./types.js";

export interface EmbeddedQueueOptions {
  /** How many jobs run at once, an integer from 1. */
  readonly concurrency: number;
  /** Runs a job to its end. */
  readonly work: (jobId: string) => Promise<void>;
}

/** The line of jobs within one process, on p-queue: by priority, and fair between owners (see `FairLine`). */
export function createEmbeddedQueue({ concurrency, work }: EmbeddedQueueOptions): JobQueue {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected concurrency to be an integer >= 1, got ${concurrency}`,
    );
  }
  const running = new Map<string, number>();
  const queue = new PQueue<FairLine, LineOptions>({
    concurrency,
    queueClass: class extends FairLine {
      constructor() {
        super(running);
      }
    },
  });
  /** How to take a waiting job out. A running one is not in here: p-queue would free its slot while it still runs. */
  const waiting = new Map<string, AbortController>();
  /** p-queue runs one id twice; here it has one place and one end. */
  const ends = new Map<string, Promise<void>>();
  let closed = false;

  const run = async (jobId: string, owner: string) => {
    waiting.delete(jobId);
    running.set(owner, (running.get(owner) ?? 0) + 1);
    try {
      await work(jobId);
    } finally {
      const left = (running.get(owner) ?? 1) - 1;
      if (left === 0) running.delete(owner);
      else running.set(owner, left);
    }
  };

  const withdraw = (jobId: string): boolean => {
    const controller = waiting.get(jobId);
    waiting.delete(jobId);
    controller?.abort();
    return controller !== undefined;
  };

  return {
    enqueue(jobId, { owner, priority }) {
      if (closed) return Promise.reject(new InkwireError("closed", "The queue is closed."));
      const same = ends.get(jobId);
      if (same !== undefined) return same;
      const controller = new AbortController();
      waiting.set(jobId, controller);
      const end = queue
        // The prefix keeps our ids apart from the numbers that p-queue gives itself.
        .add(() => run(jobId, owner), {
          id: `job:${jobId}`,
          priority,
          owner,
          signal: controller.signal,
        })
        .catch((error: unknown) => {
          // Taken out of the line: that is an end too.
          if (!controller.signal.aborted) throw error;
        })
        .finally(() => ends.delete(jobId));
      ends.set(jobId, end);
      return end;
    },
    withdraw,
    stats: () => ({ waiting: waiting.size, running: queue.pending }),
    async close() {
      closed = true;
      for (const jobId of waiting.keys()) withdraw(jobId);
      await queue.onIdle();
    },
  };
}
