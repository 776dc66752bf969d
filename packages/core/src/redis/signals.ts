import type { Redis } from "ioredis";
import type { JobSignal, JobSignals } from "../pipeline/signals.js";
import { openRedisChannel } from "./channel.js";
import { tagOf } from "./tag.js";

export interface RedisSignalsOptions {
  /** Stays the caller's: the signals have a connection of their own beside it. */
  readonly redis: Redis;
  /** The same for all nodes of one home. @default "inkwire" */
  readonly prefix?: string | undefined;
  /** Told of a connection that broke; it is made again. @default nobody */
  readonly onProblem?: ((problem: unknown) => void) | undefined;
}

const TYPES: ReadonlySet<string> = new Set<JobSignal["type"]>(["cancel", "pause", "ended"]);

/** Tells all nodes of a Redis when a job is to stop, or has ended: gives what `JobsOptions.signals` takes. */
export function createRedisSignals(options: RedisSignalsOptions): JobSignals & { close(): void } {
  const { redis, prefix, onProblem = () => {} } = options;
  const listeners = new Set<(signal: JobSignal) => void>();
  const channel = openRedisChannel({
    redis,
    name: `${tagOf(prefix)}:signals`,
    onProblem,
    onWords([type = "", jobId = ""]) {
      // A newer node may say more.
      if (!TYPES.has(type)) return;
      for (const listener of listeners) listener({ type: type as JobSignal["type"], jobId });
    },
  });
  return {
    send: ({ type, jobId }) => channel.send([type, jobId]),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      listeners.clear();
      channel.close();
    },
  };
}
