import type { Job, JobReport, StepRef } from "../pipeline/types.js";
import { bookTopic, userTopic, type NotificationData } from "../protocol/index.js";
import { makeNotification, makeUpdate, roundProgress, type UpdateDetails } from "./book-update.js";
import type { AuthorPlace } from "./author-events.js";
import { tokensOf } from "./ledger/total.js";
import type { LedgerTotal } from "./ledger/types.js";
import type { BookPublisher } from "./publisher.js";
import type { Repair } from "./repair.js";
import { createTally, type Tally, type TallySnapshot } from "./tally.js";
import type { Chapter, Outline } from "./types.js";
import {
  describeDone,
  describeFailure,
  describeRepair,
  describeRetry,
  describeSize,
  describeWait,
  describeWork,
} from "./wording.js";
import { isWriteBookInput, WRITE_BOOK, type WriteBookInput } from "./write-book-input.js";

// Four a second look alive to people and cost readers nothing.
const MIN_PROGRESS_GAP_MS = 250;
/** A shorter wait for a provider is over before it is read. */
const MIN_WAIT_MS = 1_000;

export interface BookReporterOptions {
  readonly publisher: BookPublisher;
  /** Whether the end of a book is also told as a `notification`. @default true */
  readonly notifications?: boolean | undefined;
  /** All that a book used so far, while its ledger is open. @default what finished chapters say */
  readonly totalOf?: ((jobId: string) => LedgerTotal | undefined) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** Turns what jobs report into the messages that a book's owner follows (docs/protocol.md, "Messages"). */
export interface BookReporter {
  /** Takes the reports of all jobs in order; those of other pipelines are left alone. */
  report(report: JobReport): void;
  /** How many words a chapter has so far; `chapter` is 1-based. The next update carries the sum. */
  wrote(jobId: string, chapter: number, words: number): void;
  /** Says what had to be mended in the work of a step. */
  repaired(place: AuthorPlace, repair: Repair): void;
  /** Says that a step waits for a provider, in milliseconds. */
  waits(place: AuthorPlace, waitMs: number): void;
}

/** One run of a book's job, from its first report here to its last. */
interface Watch {
  readonly input: WriteBookInput;
  readonly tally: Tally;
  /** As it was last reported. */
  job: Job;
  /** The highest that was said. */
  progress: number;
  saidAt: number;
}

export function createBookReporter({
  publisher,
  notifications = true,
  totalOf = () => undefined,
  now = Date.now,
}: BookReporterOptions): BookReporter {
  const watches = new Map<string, Watch>();

  return {
    report(report) {
      const { id, pipeline, input } = report.job;
      if (pipeline !== WRITE_BOOK || !isWriteBookInput(input)) return;
      const watch = watches.get(id) ?? {
        input,
        tally: createTally(now),
        job: report.job,
        progress: 0,
        saidAt: -Infinity,
      };
      watch.job = report.job;
      watches.set(id, watch);
      tell(report, watch);
      if (isLast(report)) watches.delete(id);
    },
    wrote(jobId, chapter, words) {
      watches.get(jobId)?.tally.wrote(chapter - 1, words);
    },
    repaired({ jobId, step }, repair) {
      const watch = watches.get(jobId);
      if (watch !== undefined) update(watch.job, watch, describeRepair(step, repair), { step });
    },
    waits({ jobId, step }, waitMs) {
      const watch = watches.get(jobId);
      if (watch === undefined || waitMs < MIN_WAIT_MS) return;
      const retryAt = new Date(now() + waitMs).toISOString();
      update(watch.job, watch, describeWait(step, waitMs), { step, retryAt });
    },
  };

  function tell(report: JobReport, watch: Watch): void {
    const { job } = report;
    const { input, tally } = watch;
    const say = (message: string, details: UpdateDetails = {}): void =>
      update(job, watch, message, details);

    switch (report.type) {
      case "queued":
        return say("Waiting for its turn");
      case "started":
        return say(report.resumed ? "Going on where it stopped" : "Starting");
      case "step_started": {
        const { step, attempt } = report;
        if (isChapter(step)) tally.began(step.index);
        return say(describeWork(step, tally.titleOf(step.index)), { step, attempt });
      }
      case "step_progress": {
        const { step } = report;
        if (now() - watch.saidAt < MIN_PROGRESS_GAP_MS) return;
        return say(describeWork(step, tally.titleOf(step.index)), { step });
      }
      case "step_finished": {
        const { step, cached } = report;
        take(report, watch);
        return say(describeDone(step, tally.titleOf(step.index), cached), { step });
      }
      case "retrying": {
        const { step, attempt, maxAttempts, retryAt, error } = report;
        const waitMs = Date.parse(retryAt) - now();
        return say(describeRetry(step, error, waitMs, attempt, maxAttempts), {
          step,
          attempt,
          retryAt,
          error,
        });
      }
      case "completed": {
        const { words, chaptersDone } = tally.snapshot();
        say(`Done: ${describeSize(chaptersDone, words)}`);
        return notify(job, input, "success", "Your book is ready", `“${input.title}” is complete.`);
      }
      case "failed": {
        const { step, error } = report;
        const reason = describeFailure(step, error);
        say(reason, { step, error });
        return notify(job, input, "error", "Your book stopped", `“${input.title}”: ${reason}`);
      }
      case "cancelled":
        return say("Cancelled; what is written is kept");
      case "interrupted":
        return say(report.paused?.message ?? "Stopped; a resume goes on from here", {
          paused: report.paused,
        });
    }
  }

  function take(
    { step, value, cached }: JobReport & { type: "step_finished" },
    { input, tally }: Watch,
  ): void {
    if (step.name === "outline") return tally.outlined(value as Outline);
    if (!isChapter(step)) return;
    const chapter = value as Chapter;
    tally.finished(step.index, chapter, cached);
    // Only now is the text safe on disk; before, a reader must expect that it starts over.
    void publisher.publish(bookTopic(input.bookId), "chapter_text", {
      book_id: input.bookId,
      chapter: chapter.number,
      offset: chapter.text.length,
      text: "",
      done: true,
    });
  }

  function update(job: Job, watch: Watch, message: string, details: UpdateDetails): void {
    watch.progress = Math.max(watch.progress, roundProgress(job));
    watch.saidAt = now();
    const data = makeUpdate(
      job,
      watch.input,
      watch.progress,
      { ...watch.tally.snapshot(), ...spending(totalOf(job.id)) },
      message,
      details,
    );
    void publisher.publish(userTopic(job.owner), "book_generation_update", data);
  }

  function notify(
    job: Job,
    input: WriteBookInput,
    type: NotificationData["type"],
    title: string,
    message: string,
  ): void {
    if (!notifications) return;
    const data = makeNotification(job, input, now(), { type, title, message });
    void publisher.publish(userTopic(job.owner), "notification", data);
  }
}

/** What a ledger says of tokens and money; nothing where no model was asked. */
function spending(
  total: LedgerTotal | undefined,
): Pick<TallySnapshot, "tokens" | "costUsd" | "estimated"> {
  if (total === undefined || total.requests === 0) return {};
  return { tokens: tokensOf(total), costUsd: total.usd, estimated: total.estimated };
}

/** Whether a job tells nothing further until it is resumed. */
export function isLast({ type }: JobReport): boolean {
  return (
    type === "completed" || type === "failed" || type === "cancelled" || type === "interrupted"
  );
}

function isChapter(step: StepRef): step is StepRef & { readonly index: number } {
  return step.name === "chapter" && step.index !== undefined;
}
