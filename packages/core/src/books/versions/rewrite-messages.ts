import type { Job, JobReport } from "../../pipeline/types.js";
import { userTopic, type BookGenerationUpdate, type WireError } from "../../protocol/index.js";
import type { AuthorPlace } from "../author-events.js";
import { roundProgress } from "../book-update.js";
import { tokensOf } from "../ledger/total.js";
import type { LedgerTotal } from "../ledger/types.js";
import type { BookPublisher } from "../publisher.js";
import type { Repair } from "../repair.js";
import { describeRepair, describeRetry, describeWait } from "../wording.js";
import { isRewriteInput, type RewriteInput } from "./rewrite-chapter.js";

const MIN_PROGRESS_GAP_MS = 250;
/** A shorter wait for a provider is over before it is read. */
const MIN_WAIT_MS = 1_000;

export interface RewriteReporterOptions {
  readonly publisher: BookPublisher;
  /** What the book used so far, this included. */
  readonly totalOf: (jobId: string) => LedgerTotal | undefined;
  readonly now: () => number;
}

/** Tells the owner how the writing of one chapter goes on: as updates of the book, with a task of their own. */
export interface RewriteReporter {
  /** Takes the reports of all jobs in order; those of other pipelines are left alone. */
  report(report: JobReport): void;
  /** Says what had to be mended in the new text. */
  repaired(place: AuthorPlace, repair: Repair): void;
  /** Says that it waits for a provider, in milliseconds. */
  waits(place: AuthorPlace, waitMs: number): void;
}

/** What an update says besides how far the job is. */
type Details = Pick<BookGenerationUpdate, "error" | "attempt" | "retry_at" | "paused">;

interface Watch {
  readonly input: RewriteInput;
  /** As it was last reported. */
  job: Job;
  saidAt: number;
}

export function createRewriteReporter({
  publisher,
  totalOf,
  now,
}: RewriteReporterOptions): RewriteReporter {
  const watches = new Map<string, Watch>();

  const say = (watch: Watch, message: string, details: Details = {}) => {
    const { job, input } = watch;
    watch.saidAt = now();
    const total = totalOf(job.id);
    void publisher.publish(userTopic(job.owner), "book_generation_update", {
      book_id: input.bookId,
      task_id: job.id,
      status: job.status,
      progress: roundProgress(job),
      message: message.slice(0, 1000),
      book_title: input.title,
      current_step: `chapter ${input.chapter}`,
      ...(total === undefined || total.requests === 0
        ? {}
        : {
            tokens: tokensOf(total),
            estimated: total.estimated,
            ...(total.usd === undefined ? {} : { cost_usd: total.usd }),
          }),
      ...details,
    });
  };

  return {
    report(report) {
      const { job } = report;
      const { input } = job;
      if (!isRewriteInput(input) || report.type === "step_finished") return;
      const watch = watches.get(job.id) ?? { input, job, saidAt: -Infinity };
      watch.job = job;
      if (report.type === "step_progress" && now() - watch.saidAt < MIN_PROGRESS_GAP_MS) return;
      watches.set(job.id, watch);
      say(watch, messageOf(report, input.chapter, now()), detailsOf(report));
      if (isEnd(report)) watches.delete(job.id);
    },
    repaired({ jobId, step }, repair) {
      const watch = watches.get(jobId);
      if (watch !== undefined) say(watch, describeRepair(step, repair));
    },
    waits({ jobId, step }, waitMs) {
      const watch = watches.get(jobId);
      if (watch === undefined || waitMs < MIN_WAIT_MS) return;
      const retryAt = new Date(now() + waitMs).toISOString();
      say(watch, describeWait(step, waitMs), { retry_at: retryAt });
    },
  };
}

function detailsOf(report: JobReport): Details {
  switch (report.type) {
    case "failed":
      return { error: clipped(report.error) };
    case "retrying":
      return {
        error: clipped(report.error),
        attempt: report.attempt,
        retry_at: report.retryAt,
      };
    case "interrupted":
      return report.paused === undefined ? {} : { paused: report.paused };
    default:
      return {};
  }
}

function clipped(error: WireError): WireError {
  return { ...error, message: error.message.slice(0, 1000) };
}

function isEnd({ type }: JobReport): boolean {
  return (
    type === "completed" || type === "failed" || type === "cancelled" || type === "interrupted"
  );
}

function messageOf(report: JobReport, chapter: number, now: number): string {
  switch (report.type) {
    case "queued":
      return "Waiting for its turn";
    case "completed":
      return `Chapter ${chapter} is written anew`;
    case "failed":
      return `Chapter ${chapter} stays as it was: ${report.error.message}`;
    case "cancelled":
      return `Cancelled; chapter ${chapter} stays as it was`;
    case "interrupted":
      return report.paused?.message ?? `Stopped; chapter ${chapter} stays as it was until a resume`;
    case "retrying": {
      const step = { name: "chapter", index: chapter - 1 };
      const waitMs = Date.parse(report.retryAt) - now;
      return describeRetry(step, report.error, waitMs, report.attempt, report.maxAttempts);
    }
    default:
      return `Writing chapter ${chapter} anew`;
  }
}
