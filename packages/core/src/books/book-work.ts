import type { Job, Jobs } from "../pipeline/types.js";
import { InkwireError } from "../protocol/index.js";
import type { Locks } from "../storage/types.js";
import type { BookRecord } from "./book-record.js";
import { isRewriteInput } from "./versions/rewrite-chapter.js";

export interface BookWorkOptions {
  readonly jobs: Pick<Jobs, "list" | "isRunning">;
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
  rewritesOf(bookId: number): Promise<Job[]>;
}

export function createBookWork({ jobs, locks, onProblem }: BookWorkOptions): BookWork {
  const rewritesOf: BookWork["rewritesOf"] = async (bookId) =>
    (await jobs.list()).filter(({ input }) => isRewriteInput(input) && input.bookId === bookId);

  return {
    rewritesOf,
    async begin({ id, taskId: own }, taskId = own, act) {
      // Between the look and the new job nobody else may begin one.
      const lease = await locks.acquire(`work:${id}`);
      if (lease === undefined) throw busy(id);
      try {
        const all = [own, ...(await rewritesOf(id)).map((job) => job.id)];
        for (const other of all) {
          if (other !== taskId && (await jobs.isRunning(other))) throw busy(id);
        }
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
