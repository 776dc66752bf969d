import { isTerminalStatus, type BookGenerationUpdate, type BookStatus } from "../protocol/index.js";

/** How the jobs of this process stand, as their messages tell: those that wait and run now, those that ended since it began. */
export interface JobCounts {
  now(): Readonly<Record<BookStatus, number>>;
  /** Takes each message in order. */
  take(update: BookGenerationUpdate): void;
}

export function createJobCounts(): JobCounts {
  const alive = new Map<string, BookStatus>();
  const ended = { completed: 0, failed: 0, cancelled: 0 };
  return {
    now() {
      const statuses = [...alive.values()];
      const queued = statuses.filter((status) => status === "queued").length;
      return { queued, processing: statuses.length - queued, ...ended };
    },
    take({ task_id: taskId, status, paused }) {
      if (!isTerminalStatus(status)) {
        // One that was paused, or has reached its limit, is nobody's work until a resume.
        if (paused === undefined) alive.set(taskId, status);
        else alive.delete(taskId);
        return;
      }
      alive.delete(taskId);
      ended[status as keyof typeof ended] += 1;
    },
  };
}
