export interface PoolOptions<Task, Result> {
  readonly tasks: readonly Task[];
  readonly concurrency: number;
  readonly work: (task: Task) => Promise<Result>;
  /** Told of the first error, at once. */
  readonly onFirstError: (error: unknown) => void;
}

/**
 * Does all tasks, at most `concurrency` at once, in order; gives back their results in that order. After an error
 * nothing new begins; the promise rejects with the first error, once everything that had begun has really ended.
 */
export async function runPool<Task, Result>(options: PoolOptions<Task, Result>): Promise<Result[]> {
  const { tasks, concurrency, work, onFirstError } = options;
  const results: Result[] = [];
  const waiting = tasks.entries();
  let first: { readonly error: unknown } | undefined;

  const worker = async () => {
    // All workers take from the same iterator.
    for (const [index, task] of waiting) {
      try {
        results[index] = await work(task);
      } catch (error) {
        if (first === undefined) {
          first = { error };
          onFirstError(error);
        }
      }
      if (first !== undefined) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, worker));
  if (first !== undefined) throw first.error;
  return results;
}
