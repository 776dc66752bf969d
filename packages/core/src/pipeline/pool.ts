export interface PoolOptions<Task, Result> {
  readonly tasks: readonly Task[];
  readonly concurrency: number;
  /** The tasks, all of them earlier ones, that must be done before `task` begins. @default none */
  readonly after?: ((task: Task) => readonly number[]) | undefined;
  /** `done` gives the result of a task that this one waited for. */
  readonly work: (task: Task, done: (index: number) => Result) => Promise<Result>;
  /** Told of the first error, at once. */
  readonly onFirstError: (error: unknown) => void;
}

/**
 * Does all tasks, at most `concurrency` at once, the earliest that may begin first; gives back their results in their order.
 * After an error nothing new begins; the promise rejects with the first error, once everything that had begun has really
 * ended.
 */
export async function runPool<Task, Result>(options: PoolOptions<Task, Result>): Promise<Result[]> {
  const { tasks, concurrency, after, work, onFirstError } = options;
  const results: Result[] = [];
  const finished = new Set<number>();
  const waiting = new Set(tasks.keys());
  let first: { readonly error: unknown } | undefined;
  let change = Promise.withResolvers<void>();

  const take = (): number | undefined => {
    for (const index of waiting) {
      const task = tasks[index] as Task;
      if (after === undefined || after(task).every((other) => finished.has(other))) {
        waiting.delete(index);
        return index;
      }
    }
    return undefined;
  };
  const worker = async () => {
    while (first === undefined && waiting.size > 0) {
      const index = take();
      if (index === undefined) {
        // What it waits for is earlier, so somebody is at it.
        await change.promise;
        continue;
      }
      try {
        results[index] = await work(tasks[index] as Task, (other) => results[other] as Result);
        finished.add(index);
      } catch (error) {
        if (first === undefined) {
          first = { error };
          onFirstError(error);
        }
      }
      change.resolve();
      change = Promise.withResolvers();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, tasks.length) }, worker));
  if (first !== undefined) throw first.error;
  return results;
}
