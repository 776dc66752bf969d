import type { Job, Jobs } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import type { Locks } from "../storage/types.js";
import type { BookRecord } from "./book-record.js";
import { rewriteTaskId } from "./versions/rewrite-chapter.js";
import type { VersionStore } from "./versions/version-store.js";

export interface BookWorkOptions {
  readonly jobs: Pick<Jobs, "get" | "isRunning">;
  readonly versions: Pick<VersionStore, "heads">;
  readonly locks: Locks;
  readonly onProblem: (problem: unknown) => void;
}

/** The jobs of one book, of which one runs at a time: each counts what it spends against the book's limits by itself. */
export interface BookWork {
  /**
   * Lets `act` put a job of the book in line, where none is yet.
   *
   * @param taskId - the job that is to begin, which may wait already. @default the book's own
   * @throws InkwireError `job_busy`
   */
  begin<T>(record: BookRecord, taskId: string | undefined, act: () => Promise<T>): Promise<T>;
  /** The jobs that write chapters of a book again, ended ones too. */
  rewritesOf(record: BookRecord): Promise<Job[]>;
}

export function createBookWork({ jobs, versions, locks, onProblem }: BookWorkOptions): BookWork {
  /** By the versions that chapters have and may get next: how many jobs others have makes no difference. */
  const rewriteIds = async ({ id, request }: BookRecord): Promise<string[]> => {
    const heads = await versions.heads(id);
    const ids: string[] = [];
    for (let chapter = 1; chapter <= request.chapters; chapter += 1) {
      const next = (heads.get(chapter)?.kept.at(-1) ?? 1) + 1;
      for (let version = 2; version <= next; version += 1)
        ids.push(rewriteTaskId(id, chapter, version));
    }
    return ids;
  };

  return {
    async rewritesOf(record) {
      const found = await Promise.all((await rewriteIds(record)).map((id) => jobs.get(id)));
      return found.filter((job) => job !== undefined);
    },
    async begin(record, taskId = record.taskId, act) {
      // Between the look and the new job nobody else may begin one.
      const lease = await locks.acquire(`work:${record.id}`);
      if (lease === undefined) throw busy(record.id);
      try {
        const all = [record.taskId, ...(await rewriteIds(record))].filter((id) => id !== taskId);
        const areRunning = await Promise.all(all.map((id) => jobs.isRunning(id)));
        if (areRunning.includes(true)) throw busy(record.id);
        return await act();
      } finally {
        await lease.release().catch(onProblem);
      }
    },
  };
}

function busy(bookId: number): InkwireError {
  return new InkwireError("job_busy", `Something of book ${bookId} is being written already.`, {
    retryable: true,
    hint: "Wait for its end, or cancel it first.",
  });
}
