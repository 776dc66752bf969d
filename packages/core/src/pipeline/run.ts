import { InkwireError } from "../protocol/index.js";
import { resolveRetry } from "./backoff.js";
import { assertStepName } from "./checkpoints.js";
import { stoppedBySibling } from "./endings.js";
import { inputHash } from "./input-hash.js";
import { runPool } from "./pool.js";
import type { Progress } from "./progress.js";
import { performStep, type StepContext, type StepTask } from "./step.js";
import type { DoneItems, MapOptions, Run, StepCall, StepOptions } from "./types.js";

export interface RunContext extends StepContext {
  readonly owner: string;
  readonly progress: Progress;
  /** Told of a step that failed when its body had already ended without waiting for it. */
  readonly onError: (error: unknown) => void;
}

/** A run that can be waited for. */
export interface OpenRun extends Run {
  /** Refuses further steps, and resolves when those that had begun have really ended. */
  end(): Promise<void>;
}

/** The run that a pipeline's body gets: names and options are checked here, the work is done in `performStep`. */
export function createRun(context: RunContext): OpenRun {
  const { jobId, owner, signal, progress } = context;
  const underWay = new Map<string, Promise<unknown>>();
  let ended = false;

  /** The same step with the same inputs at the same time is one step. */
  const perform = (task: StepTask): Promise<unknown> => {
    const key = `${task.ref.name}/${task.ref.index ?? ""}/${task.input}`;
    const same = underWay.get(key);
    if (same !== undefined) return same;
    const done = performStep(context, task).finally(() => underWay.delete(key));
    underWay.set(key, done);
    return handled(done);
  };
  const checkOpen = () => {
    if (ended)
      throw new InkwireError(
        "closed",
        "This run has ended: a step began that its body did not wait for.",
      );
  };

  const step = async <T>(
    name: string,
    options: StepOptions,
    body: (call: StepCall) => Promise<T>,
  ): Promise<T> => {
    checkOpen();
    const ref = { name: assertStepName(name) };
    const retry = resolveRetry(options.retry);
    const input = inputHash(options.input);
    const [reach = () => {}] = progress.parts(name, options.weight ?? 1, 1);
    // What comes out of storage is what JSON made of a T.
    return (await perform({ ref, input, retry, signal, reach, body })) as T;
  };

  const map = async <Item, T>(
    name: string,
    items: readonly Item[],
    options: MapOptions<Item, T>,
    body: (item: Item, call: StepCall, done: DoneItems<T>) => Promise<T>,
  ): Promise<T[]> => {
    checkOpen();
    assertStepName(name);
    const retry = resolveRetry(options.retry);
    const concurrency = options.concurrency ?? 1;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new InkwireError(
        "invalid_option",
        `Expected concurrency to be an integer >= 1, got ${concurrency}`,
      );
    }
    const parts = progress.parts(name, options.weight ?? 1, items.length);
    const siblings = new AbortController();
    const together = AbortSignal.any([signal, siblings.signal]);
    const taskOf = (item: Item, index: number, done: DoneItems<T>): StepTask => ({
      ref: { name, index, count: items.length },
      input: inputHash(options.input === undefined ? item : options.input(item, index, done)),
      retry,
      signal: together,
      reach: parts[index] ?? (() => {}),
      body: (call) => body(item, call, done),
    });
    const after = options.after && items.map(options.after).map(checkedOrder(name));
    return await runPool<number, T>({
      tasks: [...items.keys()],
      concurrency,
      ...(after === undefined ? {} : { after: (index) => after[index] ?? [] }),
      // What comes out of storage is what JSON made of a T.
      work: async (index, done) => (await perform(taskOf(items[index] as Item, index, done))) as T,
      onFirstError() {
        // During a shutdown the others go on to their checkpoints.
        if (!context.draining.aborted) siblings.abort(stoppedBySibling(name));
      },
    });
  };

  return {
    jobId,
    owner,
    signal,

    step: (name, options, body) => handled(step(name, options, body)),
    map: (name, items, options, body) => handled(map(name, items, options, body)),

    async end() {
      ended = true;
      // A map that is not awaited starts its next items while others end.
      while (underWay.size > 0) {
        for (const outcome of await Promise.allSettled(underWay.values())) {
          if (outcome.status === "rejected" && !signal.aborted) context.onError(outcome.reason);
        }
      }
    },
  };
}

/** A body that forgets to await something must not bring the process down: `end` waits for it, and tells of its error. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** An item that waits for itself, or for a later one, would wait for ever. */
function checkedOrder(name: string) {
  return (after: readonly number[], index: number): readonly number[] => {
    const wrong = after.find((other) => !(Number.isInteger(other) && other >= 0 && other < index));
    if (wrong === undefined) return after;
    throw new InkwireError(
      "invalid_option",
      `Expected item ${index} of "${name}" to come after earlier items only, got ${wrong}`,
    );
  };
}
