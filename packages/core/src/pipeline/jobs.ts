import { InkwireError } from "../protocol/index.js";
import type { Damage } from "../storage/quarantine.js";
import { createCheckpointRecords, newestCheckpoints } from "./checkpoints.js";
import { isEnded, pausedByUser } from "./endings.js";
import { createEntries } from "./entries.js";
import { createEntry } from "./entry.js";
import { createJobStore } from "./job-store.js";
import { isJobId, newJob } from "./new-job.js";
import { resolveJobsOptions, type JobsOptions } from "./options.js";
import { pipelineFor, pipelineNamed } from "./pipelines.js";
import { createRecovery } from "./recovery.js";
import { lockOf, runJob, type JobDeps } from "./run-job.js";
import { createEar } from "./signals.js";
import type { Job, JobReport, Jobs } from "./types.js";

/**
 * Runs pipelines as jobs whose state and checkpoints are in `options.home`, so that they survive this process. Several
 * processes may share a home: each job runs in one at a time.
 *
 * @throws InkwireError `invalid_option`.
 */
export function createJobs(options: JobsOptions): Jobs {
  const { home, pipelines, clock, onReport, onError, ...rest } = resolveJobsOptions(options);
  const { locks } = home;
  const onDamage = (damage: Damage) => onError(damageError(damage));
  const store = createJobStore(home.storage, onDamage);
  const checkpoints = createCheckpointRecords(home.storage, onDamage);
  const closing = new AbortController();

  const report = (told: JobReport) => {
    try {
      // An async handler fits the type as well; its rejection must not bring the process down.
      const returned: unknown = onReport(told);
      if (returned instanceof Promise) returned.catch(onError);
    } catch (error) {
      onError(error);
    }
  };
  const deps: JobDeps = { ...rest, store, checkpoints, locks, pipelines, clock, onError, report };

  const checkOpen = () => {
    if (closing.signal.aborted) throw closedError();
  };
  const stored = async (id: string): Promise<Job> => {
    const job = entries.get(id)?.live?.job ?? (isJobId(id) ? await store.get(id) : undefined);
    if (job === undefined) throw unknownJob(id);
    return job;
  };
  const here = createEntries({
    createQueue: rest.createQueue,
    run: (entry) => runJob(entry, deps),
    onEnded: (jobId) => rest.signals?.send({ type: "ended", jobId }),
    onQueued: (job) => report({ job, type: "queued" }),
    isClosing: () => closing.signal.aborted,
    onError,
  });
  const { entries, queue } = here;
  const recovery = createRecovery({
    ...deps,
    queue,
    isHere: (id) => entries.has(id),
    putInLine: (job, resumed) => here.putInLine(job, resumed),
    patienceMs: rest.leaseTtlMs,
  });
  let recovering: Promise<void> | undefined;

  /** Lets `act` work on a job that nobody runs. @throws InkwireError `job_busy`. */
  const alone = async <T>(id: string, act: () => Promise<T>): Promise<T> => {
    const lease = entries.has(id) ? undefined : await locks.acquire(lockOf(id));
    if (lease === undefined) {
      throw new InkwireError("job_busy", `The job ${id} is being worked on.`, {
        retryable: true,
        hint: "Wait for its end, or cancel it first.",
      });
    }
    try {
      return await act();
    } finally {
      await lease.release().catch(onError);
    }
  };

  const shutDown = async () => {
    closing.abort(closedError());
    const idle = queue.close();
    for (const entry of entries.values()) entry.drain();
    await idle;
    await recovering;
    await Promise.all([...entries.values()].map(({ ended }) => ended));
  };
  const interruptAfter = async (ms: number, signal: AbortSignal) => {
    try {
      await clock.sleep(ms, signal);
    } catch {
      return;
    }
    for (const entry of entries.values()) entry.interrupt();
  };
  let closed: Promise<void> | undefined;

  const jobs: Jobs = {
    async enqueue(pipeline, input, wanted) {
      checkOpen();
      const job = newJob(pipelineNamed(pipelines, pipeline), input, wanted, clock.now());
      const isNew = wanted.id === undefined;
      if (isNew) await store.add(job);
      else {
        if ((await store.get(job.id)) !== undefined)
          throw new InkwireError("conflict", `There is a job ${job.id} already.`);
        await store.put(job);
      }
      here.putInLine(job, false, isNew);
      return job;
    },

    get: async (id) => entries.get(id)?.live?.job ?? (isJobId(id) ? store.get(id) : undefined),

    async list() {
      return (await store.list()).map((job) => entries.get(job.id)?.live?.job ?? job);
    },

    isRunning: async (id) => entries.has(id) || (isJobId(id) && locks.isHeld(lockOf(id))),

    async cancel(id) {
      // First of all, before anything waits for a disk.
      const entry = entries.get(id);
      entry?.cancel();
      const job = await stored(id);
      if (isEnded(job.status)) return job;
      if (entry === undefined) {
        await store.askCancel(id);
        rest.signals?.send({ type: "cancel", jobId: id });
        await queue.withdraw(id);
        // If nobody runs it, this writes its end; if somebody does, that one hears of it.
        const asked = createEntry(id, undefined);
        asked.cancel();
        await here.run(asked);
      } else {
        // So that it stays cancelled if this process dies before the end is written. If that fails, the run ends all the same.
        await store.askCancel(id).catch(onError);
        rest.signals?.send({ type: "cancel", jobId: id });
        await here.takeOut(entry);
      }
      return stored(id);
    },

    async pause(id) {
      const entry = entries.get(id);
      entry?.pause(pausedByUser());
      const job = await stored(id);
      if (isEnded(job.status) || job.paused !== undefined) return job;
      await store.askPause(id);
      rest.signals?.send({ type: "pause", jobId: id });
      if (entry === undefined) {
        await queue.withdraw(id);
        // If nobody runs it, this writes the pause; if somebody does, that one hears of it.
        await here.run(createEntry(id, undefined));
      } else await here.takeOut(entry);
      return stored(id);
    },

    async resume(id) {
      checkOpen();
      const job = await stored(id);
      pipelineFor(pipelines, job);
      if (entries.get(id)?.taken === false) return job;
      const fresh = await alone(id, async () => {
        const current = await stored(id);
        if (current.status === "completed") {
          throw new InkwireError(
            "job_finished",
            `The job ${id} is completed; there is nothing left to do.`,
          );
        }
        const queued: Job = {
          ...current,
          status: "queued",
          finishedAt: undefined,
          error: undefined,
          paused: undefined,
          result: undefined,
        };
        await store.forgetCancel(id);
        await store.forgetPause(id);
        await store.put(queued);
        return queued;
      });
      here.putInLine(fresh, true);
      return fresh;
    },

    async recover({ everyMs = null } = {}) {
      checkOpen();
      if (everyMs !== null && !(everyMs >= 10)) {
        throw new InkwireError(
          "invalid_option",
          `Expected everyMs to be null or a number >= 10, got ${everyMs}`,
        );
      }
      const ids = await recovery.once();
      if (everyMs !== null) recovering ??= recovery.keep(everyMs, closing.signal);
      return ids;
    },

    async wait(id) {
      const ear = createEar(rest.signals, clock, id);
      try {
        for (;;) {
          const entry = entries.get(id);
          const ended = await entry?.ended;
          if (ended !== undefined) return ended;
          const job = await stored(id);
          if (isEnded(job.status) || (job.paused !== undefined && !entries.has(id))) return job;
          if (entry !== undefined && closing.signal.aborted) return job;
          if (!entries.has(id)) await ear.next(closing.signal);
        }
      } finally {
        ear.stop();
      }
    },

    checkpoints: async (id) => (isJobId(id) ? newestCheckpoints(checkpoints, id) : new Map()),

    async remove(id) {
      if (!isJobId(id) || !(await store.has(id))) throw unknownJob(id);
      await alone(id, async () => {
        // The job last: a kill on the way leaves something that can be removed again.
        for (const key of await checkpoints.keys(id)) await checkpoints.remove(key);
        await store.forgetCancel(id);
        await store.forgetPause(id);
        await store.remove(id);
      });
      await queue.withdraw(id);
      await locks.forget(lockOf(id));
    },

    async close({ graceMs = 10_000 } = {}) {
      if (!(graceMs >= 0))
        throw new InkwireError(
          "invalid_option",
          `Expected graceMs to be a number >= 0, got ${graceMs}`,
        );
      closed ??= shutDown();
      const over = new AbortController();
      // Each call may shorten the patience of the one before.
      const patience = interruptAfter(graceMs, over.signal);
      await closed;
      over.abort("closed");
      await patience;
    },

    [Symbol.asyncDispose]: () => jobs.close(),
  };
  return jobs;
}

function closedError(): InkwireError {
  return new InkwireError("closed", "These jobs are closed: the process is ending.");
}

function unknownJob(id: string): InkwireError {
  return new InkwireError("job_unknown", `There is no job ${JSON.stringify(id).slice(0, 80)}.`);
}

function damageError({ key, movedTo, reason }: Damage): InkwireError {
  const where =
    movedTo === undefined ? "it could not be moved aside" : `it was moved to ${movedTo}`;
  return new InkwireError("record_damaged", `The record ${key} is damaged (${reason}); ${where}.`);
}
