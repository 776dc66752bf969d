import type { Queue } from "bullmq";
import type { RedisLine } from "./line.js";

export interface TicketsOptions {
  readonly line: RedisLine;
  readonly tickets: Queue;
  /** The jobs whose end this node waits to hear of. */
  readonly mayForget: () => readonly string[];
  /** Told of each of them that is neither waiting nor running anywhere. */
  readonly forget: (jobId: string) => void;
  readonly onProblem: (problem: unknown) => void;
}

/** How often it is looked whether something was missed, in milliseconds: a word that went lost, a kill between two commands. */
const LOOK_EVERY_MS = 5_000;

/** It is tried again only where Redis refused something: how often a job is tried is for whoever looks at its record. */
const TICKET = {
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: "fixed", delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * Sees to it that for each job in line there is a ticket, and that no end goes unheard. A ticket too many does no harm: who
 * gets it finds nothing in line.
 */
export function keepTickets(options: TicketsOptions): { add(): Promise<void>; stop(): void } {
  const { line, tickets, mayForget, forget, onProblem } = options;
  const add = async (count = 1) => {
    const ticket = { name: "run", data: {}, opts: TICKET };
    await tickets.addBulk(Array.from({ length: count }, () => ticket));
  };
  let missingBefore = 0;
  let orphansBefore: ReadonlySet<string> = new Set();
  const look = async () => {
    const missing = (await line.waiting()) - (await tickets.getWaitingCount());
    // Between putting a job in line and its ticket there is a moment, so only what stays is made good.
    const added = Math.min(missing, missingBefore);
    if (added > 0) await add(added);
    missingBefore = missing - Math.max(added, 0);
    const orphans = new Set<string>();
    for (const ticket of await line.tickets()) {
      if ((await tickets.getJob(ticket)) !== undefined) continue;
      if (orphansBefore.has(ticket)) await line.end(ticket);
      else orphans.add(ticket);
    }
    orphansBefore = orphans;
    for (const jobId of mayForget()) if (!(await line.holds(jobId))) forget(jobId);
  };
  const timer = setInterval(() => void look().catch(onProblem), LOOK_EVERY_MS);
  return {
    add: () => add(),
    stop: () => clearInterval(timer),
  };
}
