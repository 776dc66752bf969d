import type { Job, StepRef } from "../pipeline/types.js";
import type { BookGenerationUpdate, NotificationData, WireError } from "../protocol/index.js";
import type { TallySnapshot } from "./tally.js";
import { stepName } from "./wording.js";
import type { WriteBookInput } from "./write-book-input.js";

const MAX_MESSAGE = 1000;

/** What only some updates carry. */
export interface UpdateDetails {
  readonly step?: StepRef | undefined;
  /** Shown from the second on. */
  readonly attempt?: number | undefined;
  /** ISO 8601. */
  readonly retryAt?: string | undefined;
  readonly error?: WireError | undefined;
  /** Why the book waits for a resume. */
  readonly paused?: WireError | undefined;
}

/** A book's state as one message says it. `progress` is 0 to 100 and counts the caller's memory of what was said before. */
export function makeUpdate(
  job: Job,
  input: WriteBookInput,
  progress: number,
  { words, tokens, costUsd, estimated, etaSeconds, etaRange }: TallySnapshot,
  message: string,
  { step, attempt = 1, retryAt, error, paused }: UpdateDetails,
): BookGenerationUpdate {
  return {
    book_id: input.bookId,
    task_id: job.id,
    status: job.status,
    progress,
    message: clip(message),
    book_title: input.title,
    ...(step && placeOf(step, input)),
    ...(attempt > 1 && { attempt }),
    ...(retryAt !== undefined && { retry_at: retryAt }),
    ...(etaSeconds !== undefined && job.status === "processing" && { eta_seconds: etaSeconds }),
    ...(etaRange !== undefined &&
      job.status === "processing" && {
        eta_low_seconds: etaRange[0],
        eta_high_seconds: etaRange[1],
      }),
    ...(words > 0 && { words }),
    ...(tokens !== undefined && { tokens }),
    ...(costUsd !== undefined && { cost_usd: costUsd }),
    ...(estimated === true && { estimated }),
    ...(paused && { paused: { ...paused, message: clip(paused.message) } }),
    ...(error && { error: { ...error, message: clip(error.message) } }),
  };
}

/** How a book's end is told to an owner who looks elsewhere. */
export function makeNotification(
  job: Job,
  input: WriteBookInput,
  timeMs: number,
  told: Pick<NotificationData, "type" | "title" | "message">,
): NotificationData {
  return {
    ...told,
    message: clip(told.message),
    // One for each end: a book may fail twice.
    id: `${job.id.slice(0, 40)}-${job.status}-${timeMs.toString(36)}`,
    kind: "book",
    action_url: `/books/${input.bookId}`,
    created_at: new Date(timeMs).toISOString(),
  };
}

/** One decimal, rounded down: 100 is said only of what is complete. */
export function roundProgress(job: Job): number {
  if (job.status === "completed") return 100;
  return Math.min(99.9, Math.floor(Math.max(0, job.progress) * 10) / 10);
}

/** 1-based among all steps: the outline, each chapter, the assembly. */
function placeOf(
  step: StepRef,
  input: WriteBookInput,
): Required<Pick<BookGenerationUpdate, "current_step" | "step_index" | "step_count">> {
  const chapters = step.count ?? input.chapters;
  const last = chapters + 2;
  const index = step.name === "outline" ? 1 : step.index === undefined ? last : step.index + 2;
  return { current_step: stepName(step), step_index: index, step_count: last };
}

function clip(message: string): string {
  if (message.length <= MAX_MESSAGE) return message;
  return `${message.slice(0, MAX_MESSAGE - 1).toWellFormed()}…`;
}
