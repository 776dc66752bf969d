import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker, type Job as Ticket } from "bullmq";
import type { Redis } from "ioredis";
import { InkwireError } from "../protocol/index.js";
import type { JobQueue } from "../pipeline/types.js";
import { openRedisChannel } from "./channel.js";
import { patient } from "./client.js";
import { createRedisLine } from "./line.js";
import { toRedisError } from "./redis-errors.js";
import { tagOf } from "./tag.js";
import { keepTickets } from "./tickets.js";

export interface RedisQueueOptions {
  /** Stays the caller's: it is not closed with the queue, which has connections of its own beside it. */
  readonly redis: Redis;
  /** What the keys begin with; the nodes of one home have the same. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** How many jobs run at once on this node, an integer; 0 for one that puts jobs in line and leaves them to others. */
  readonly concurrency: number;
  /** Told what went wrong beside the work, such as a connection that broke. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
  /** How long a node may be silent before its tickets go to others, in milliseconds. @default 5_000 */
  readonly lockDurationMs?: number | undefined;
  /** How often each node looks for tickets of silent ones, in milliseconds. @default 1_000 */
  readonly stalledIntervalMs?: number | undefined;
}

/** How long a close waits for a Redis that does not answer, in milliseconds. */
const MAX_CLOSE_MS = 5_000;

/**
 * The line of jobs for all nodes of a Redis. Gives what `JobsOptions.queue` takes.
 *
 * BullMQ hands out tickets, each a right to run one job: it wakes a node, keeps to its concurrency, and gives the ticket of a
 * dead one to another. Which job a ticket runs is decided when it begins, by a line of our own (`RedisLine`): BullMQ orders by
 * a priority that is fixed when a job is added, and fairness depends on who runs then. A ticket that comes again brings the
 * same job again; that it is not run twice is up to the lease of the job, and that nothing is lost to its record.
 *
 * @throws InkwireError `invalid_option`.
 */
export function createRedisQueue(
  options: RedisQueueOptions,
): (work: (jobId: string) => Promise<void>) => JobQueue {
  const { redis, concurrency, onProblem = () => {} } = options;
  const { lockDurationMs = 5_000, stalledIntervalMs = 1_000 } = options;
  const tag = tagOf(options.prefix);
  if (!Number.isInteger(concurrency) || concurrency < 0) {
    throw new InkwireError(
      "invalid_option",
      `Expected concurrency to be an integer >= 0, got ${concurrency}`,
    );
  }

  return (work) => {
    const line = createRedisLine(redis, tag);
    // BullMQ asks for it: a command that waits for a ticket has no end of its own.
    const connection = redis.duplicate({ ...patient, maxRetriesPerRequest: null });
    /** What this node put in line, until it has its end anywhere. */
    const own = new Map<string, PromiseWithResolvers<void>>();
    /** What of it has begun, on this node or another. */
    const begun = new Set<string>();
    const running = new Map<string, { readonly ticket: string; readonly end: Promise<void> }>();
    let closed = false;

    const settle = (jobId: string) => {
      own.get(jobId)?.resolve();
      own.delete(jobId);
      begun.delete(jobId);
    };
    const channel = openRedisChannel({
      redis,
      name: `${tag}:line`,
      onProblem,
      onWords([event, jobId = ""]) {
        if (event === "began" && own.has(jobId)) begun.add(jobId);
        // Where it runs, the end of the work is heard of directly, with its error.
        if (event === "ended" && !running.has(jobId)) settle(jobId);
      },
    });

    const run = async (jobId: string, ticket: string): Promise<void> => {
      begun.add(jobId);
      channel.send(["began", jobId]);
      let failed: { readonly error: unknown } | undefined;
      try {
        await work(jobId);
      } catch (error) {
        failed = { error };
      }
      try {
        await line.end(ticket);
      } finally {
        if (failed !== undefined) own.get(jobId)?.reject(failed.error);
        settle(jobId);
        channel.send(["ended", jobId]);
      }
    };
    /** Rejects only when Redis refused something: the ticket then comes again, and with it the same job. */
    const process = async ({ id: ticket = "" }: Ticket): Promise<void> => {
      if (closed) return keeping.add();
      const jobId = await line.take(ticket);
      // A ticket too many: its job was withdrawn.
      if (jobId === undefined) return;
      const before = running.get(jobId);
      // This node runs the job still, and only its ticket's lock was lost.
      if (before?.ticket === ticket) return;
      // Put in line again since Redis took its end, of which this node is just hearing: this ticket has to be ended as well.
      await before?.end.catch(() => {});
      const end = run(jobId, ticket);
      running.set(jobId, { ticket, end });
      await end.finally(() => {
        if (running.get(jobId)?.ticket === ticket) running.delete(jobId);
      });
    };

    const bull = { connection, prefix: tag, skipVersionCheck: true } as const;
    // Nobody reads what BullMQ tells of its tickets.
    const tickets = new Queue("tickets", { ...bull, streams: { events: { maxLen: 100 } } });
    tickets.on("error", onProblem);
    const workerOptions = {
      ...bull,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: stalledIntervalMs,
      // How often a job may be tried is for whoever looks at its record; a ticket never goes lost.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    };
    const worker = concurrency === 0 ? undefined : new Worker("tickets", process, workerOptions);
    worker?.on("error", onProblem);
    const keeping = keepTickets({
      line,
      tickets,
      mayForget: () => [...own.keys()].filter((jobId) => !running.has(jobId)),
      forget: settle,
      onProblem,
    });

    const enqueue: JobQueue["enqueue"] = async (jobId, { owner, priority }) => {
      if (closed) throw new InkwireError("closed", "The queue is closed.");
      const same = own.get(jobId);
      if (same !== undefined) return same.promise;
      const end = Promise.withResolvers<void>();
      own.set(jobId, end);
      try {
        if (await line.push(jobId, owner, priority)) await keeping.add();
      } catch (error) {
        own.delete(jobId);
        throw toRedisError(error, `put the job ${jobId} in line`);
      }
      return end.promise;
    };

    const shutDown = async () => {
      closed = true;
      keeping.stop();
      // They stay in the line, for the other nodes.
      for (const jobId of own.keys()) if (!running.has(jobId)) settle(jobId);
      const idle = Promise.allSettled([worker?.close(), tickets.close()]);
      await Promise.allSettled([...running.values()].map(({ end }) => end));
      const patience = new AbortController();
      await Promise.race([idle, sleep(MAX_CLOSE_MS, undefined, patience).catch(() => {})]);
      patience.abort();
      channel.close();
      connection.disconnect();
    };
    let closing: Promise<void> | undefined;

    return {
      enqueue,
      async withdraw(jobId) {
        const isOut = await line.withdraw(jobId);
        if (isOut) {
          settle(jobId);
          channel.send(["ended", jobId]);
        }
        return isOut;
      },
      holds: (jobId) => line.holds(jobId),
      stats: () => ({ waiting: own.size - begun.size, running: running.size }),
      close: () => (closing ??= shutDown()),
    };
  };
}
