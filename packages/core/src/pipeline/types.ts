import type { WireError } from "../protocol/index.js";

/** Where a job is: waiting, running, or at one of its three ends. */
export type JobStatus = "queued" | "processing" | "completed" | "failed" | "cancelled";

/** The stored state of one run of a pipeline. */
export interface Job {
  readonly id: string;
  readonly pipeline: string;
  /** The pipeline's version that began it; a job of a newer one is refused, not guessed at. */
  readonly version: number;
  readonly owner: string;
  /** Higher goes first. */
  readonly priority: number;
  readonly input: unknown;
  readonly status: JobStatus;
  /** 0 to 100, never back while the job lives. */
  readonly progress: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly finishedAt?: string | undefined;
  readonly result?: unknown;
  readonly error?: WireError | undefined;
  /** Why it waits for a `resume` that somebody asks for: it was paused, or would have spent more than it may. */
  readonly paused?: WireError | undefined;
}

/** Which part of a run: `index` and `count` for an item of `run.map`. */
export interface StepRef {
  readonly name: string;
  /** 0-based. */
  readonly index?: number | undefined;
  readonly count?: number | undefined;
}

/** What a job does, told to one callback in order; `job` is its state after that. */
export type JobReport = { readonly job: Job } & (
  | { readonly type: "queued" }
  /** `resumed`: it had begun before, in this or another process. */
  | { readonly type: "started"; readonly resumed: boolean }
  | { readonly type: "step_started"; readonly step: StepRef; readonly attempt: number }
  | { readonly type: "step_progress"; readonly step: StepRef }
  /** `cached`: its checkpoint was there, nothing was done again. Told only after the checkpoint is on disk. */
  | {
      readonly type: "step_finished";
      readonly step: StepRef;
      readonly cached: boolean;
      readonly value: unknown;
    }
  | {
      readonly type: "retrying";
      readonly step: StepRef;
      /** The attempt that comes next, 2 or more. */
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly retryAt: string;
      readonly error: WireError;
    }
  | { readonly type: "completed" }
  | { readonly type: "failed"; readonly error: WireError; readonly step?: StepRef | undefined }
  | { readonly type: "cancelled" }
  /** Stopped at a checkpoint, by a shutdown or with `paused` by a pause; a resume goes on. */
  | { readonly type: "interrupted"; readonly paused?: WireError | undefined }
);

export interface RetryOptions {
  /** Attempts in all. @default 5 */
  readonly maxAttempts?: number | undefined;
  /** @default 1_000 */
  readonly baseMs?: number | undefined;
  /** @default 60_000 */
  readonly capMs?: number | undefined;
}

export interface StepOptions {
  /** Its share of the progress against the other steps. @default 1 */
  readonly weight?: number | undefined;
  /** What the result depends on (JSON): a checkpoint of other inputs is not used. */
  readonly input?: unknown;
  readonly retry?: RetryOptions | undefined;
}

/** The result of an item that another one waited for, by its index. */
export type DoneItems<T> = (index: number) => T;

export interface MapOptions<Item, T = unknown> extends Omit<StepOptions, "input"> {
  /** How many at once. @default 1 */
  readonly concurrency?: number | undefined;
  /** The indices of the items, earlier ones all of them, that must be done before this one begins. @default none */
  readonly after?: ((item: Item, index: number) => readonly number[]) | undefined;
  /** What an item's result depends on: worked out when it begins. @default the item itself */
  readonly input?: ((item: Item, index: number, done: DoneItems<T>) => unknown) | undefined;
}

/** What a step's body gets. */
export interface StepCall {
  readonly jobId: string;
  readonly step: StepRef;
  /** Aborts on cancel, shutdown and a lost lease; its reason is an InkwireError. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** 1-based. */
  readonly attempt: number;
  /** How far this step is, 0 to 1. Cheap to call often. */
  progress(ratio: number): void;
}

/** One run of a pipeline, as its body sees it. */
export interface Run {
  readonly jobId: string;
  readonly owner: string;
  readonly signal: AbortSignal;
  /** Does `body` once; `name` is of `a-z`, `0-9` and `-`. Its result (JSON) is on disk before the step counts as done, and a rerun takes it from there. */
  step<T>(name: string, options: StepOptions, body: (call: StepCall) => Promise<T>): Promise<T>;
  /** The same for each item, some at once; results in the order of the items. The first error that stays stops the rest. */
  map<Item, T>(
    name: string,
    items: readonly Item[],
    options: MapOptions<Item, T>,
    body: (item: Item, call: StepCall, done: DoneItems<T>) => Promise<T>,
  ): Promise<T[]>;
}

/** The steps to come and their weights, so that progress is right from the first moment. */
export interface PlannedStep {
  readonly name: string;
  readonly weight: number;
  /** @default 1 */
  readonly count?: number | undefined;
}

/** What `definePipeline` makes: a named body of steps, and the plan that progress is measured against. */
export interface Pipeline<Input = unknown, Result = unknown> {
  readonly name: string;
  readonly version: number;
  readonly plan: (input: Input) => readonly PlannedStep[];
  readonly body: (run: Run, input: Input) => Promise<Result>;
}

/**
 * Who runs now. The embedded one is p-queue in this process, the one on Redis is for all its nodes. It owns no state: jobs and
 * checkpoints are in storage.
 */
export interface JobQueue {
  /** Puts a job in line. `work` was given to the queue when it was made; the promise settles when the job has its end. */
  enqueue(
    jobId: string,
    options: { readonly owner: string; readonly priority: number },
  ): Promise<void>;
  /** Takes a waiting job out of the line; `false` when it does not wait in it. */
  withdraw(jobId: string): boolean | Promise<boolean>;
  /** Whether a job waits or runs in a line that several processes share. @default it is this process's alone */
  holds?(jobId: string): Promise<boolean>;
  /** Jobs that this process put in line and that wait, and those that run here. */
  stats(): { readonly waiting: number; readonly running: number };
  /** Starts no further job, and resolves when the running ones have really ended. */
  close(): Promise<void>;
}

export interface EnqueueOptions {
  readonly owner: string;
  /** @default 0 */
  readonly priority?: number | undefined;
  /** @default a random one */
  readonly id?: string | undefined;
}

/** Runs pipelines as jobs that survive the process. */
export interface Jobs extends AsyncDisposable {
  /** Stores a job and puts it in line. */
  enqueue(pipeline: string, input: unknown, options: EnqueueOptions): Promise<Job>;
  get(id: string): Promise<Job | undefined>;
  list(): Promise<Job[]>;
  /** Whether a living process, this or another, works on it now. */
  isRunning(id: string): Promise<boolean>;
  /** Asks for the end of a job, wherever it runs. Resolves when it is written down; `wait` tells when it has ended. */
  cancel(id: string): Promise<Job>;
  /**
   * Asks a job to stop at its next checkpoints, wherever it runs: steps that run come to their end, no further one begins.
   * It keeps its status and waits, also through `recover`, until `resume`. Resolves when that is written down; a job that
   * has ended stays as it is.
   */
  pause(id: string): Promise<Job>;
  /**
   * Puts a job that failed, was cancelled, paused or interrupted in line again: finished steps are not done twice.
   *
   * @throws InkwireError `job_busy` when a living process has it, `job_finished` when it is completed.
   */
  resume(id: string): Promise<Job>;
  /**
   * Puts every unfinished job that no living process has, and nobody paused, in line again; gives back their ids.
   *
   * @param options.everyMs - how often to look again until the jobs are closed, in milliseconds: so that the jobs of another
   *   process that dies go on here. `null`: never. @default null
   */
  recover(options?: { readonly everyMs?: number | null | undefined }): Promise<string[]>;
  /** Resolves with the job when it has ended or, in this process, was interrupted. */
  wait(id: string): Promise<Job>;
  /** The stored results of finished steps, by `name` or `name/index`. */
  checkpoints(id: string): Promise<ReadonlyMap<string, unknown>>;
  /** Deletes a job and its checkpoints. @throws InkwireError `job_busy` while a living process has it. */
  remove(id: string): Promise<void>;
  /**
   * Takes no further job, lets running steps reach a checkpoint for `graceMs`, then aborts them; what is unfinished
   * stays in storage for a resume.
   *
   * @param options.graceMs - @default 10_000
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}
