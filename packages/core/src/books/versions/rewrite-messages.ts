import type { JobReport } from "../../pipeline/types.js";
import { userTopic } from "../../protocol/index.js";
import { roundProgress } from "../book-update.js";
import { tokensOf } from "../ledger/total.js";
import type { LedgerTotal } from "../ledger/types.js";
import type { BookPublisher } from "../publisher.js";
import { describeRetry } from "../wording.js";
import { isRewriteInput } from "./rewrite-chapter.js";

const MIN_PROGRESS_GAP_MS = 250;

export interface RewriteReporterOptions {
  readonly publisher: BookPublisher;
  /** What the book used so far, this included. */
  readonly totalOf: (jobId: string) => LedgerTotal | undefined;
  readonly now: () => number;
}

/** Tells the owner how the writing of one chapter goes on: as updates of the book, with a task of their own. */
export function createRewriteReporter({
  publisher,
  totalOf,
  now,
}: RewriteReporterOptions): (report: JobReport) => void {
  const saidAt = new Map<string, number>();
  return (report) => {
    const { job } = report;
    const { input } = job;
    if (!isRewriteInput(input)) return;
    if (report.type === "step_finished") return;
    if (report.type === "step_progress" && now() - (saidAt.get(job.id) ?? 0) < MIN_PROGRESS_GAP_MS)
      return;
    saidAt.set(job.id, now());
    const total = totalOf(job.id);
    const error = report.type === "failed" || report.type === "retrying" ? report.error : undefined;
    void publisher.publish(userTopic(job.owner), "book_generation_update", {
      book_id: input.bookId,
      task_id: job.id,
      status: job.status,
      progress: roundProgress(job),
      message: messageOf(report, input.chapter, now()).slice(0, 1000),
      book_title: input.title,
      current_step: `chapter ${input.chapter}`,
      ...(total === undefined || total.requests === 0
        ? {}
        : {
            tokens: tokensOf(total),
            estimated: total.estimated,
            ...(total.usd === undefined ? {} : { cost_usd: total.usd }),
          }),
      ...(error === undefined
        ? {}
        : { error: { ...error, message: error.message.slice(0, 1000) } }),
      ...(report.type === "retrying" ? { attempt: report.attempt, retry_at: report.retryAt } : {}),
      ...(report.type === "interrupted" && report.paused !== undefined
        ? { paused: report.paused }
        : {}),
    });
    if (isEnd(report)) saidAt.delete(job.id);
  };
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
