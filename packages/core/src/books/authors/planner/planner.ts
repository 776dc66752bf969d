import { setTimeout as wait } from "node:timers/promises";
import { InkwireError } from "../../../protocol/index.js";
import type { Author } from "../author.js";
import { chapterPlan } from "./chapter-plan.js";
import { planBook, planOutline, type BookPlan } from "./outline.js";

export interface PlannerOptions {
  /** How fast each chapter streams, over 0; `null` gives all of it at once. @default 250 */
  readonly wordsPerSecond?: number | null | undefined;
  /** Resolves after so many milliseconds, or rejects when the signal aborts. @default a timer */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<unknown>) | undefined;
}

const defaultWordsPerSecond = 250;

/** No timer keeps shorter times honestly, and nobody sees them. */
const minPauseMs = 30;

const label = "planned offline, no language model was used";

/**
 * The author that needs nothing: it plans the book rather than pretend to write it. The same request gives the same plan, to the
 * letter, streamed word by word at a pace that can be read along.
 *
 * @throws InkwireError `invalid_option` for a pace that is none.
 */
export function createPlanner(options: PlannerOptions = {}): Author {
  const { wordsPerSecond = defaultWordsPerSecond, sleep = sleepFor } = options;
  if (wordsPerSecond !== null && !(wordsPerSecond > 0 && Number.isFinite(wordsPerSecond))) {
    throw new InkwireError(
      "invalid_option",
      `Expected wordsPerSecond to be null or a number over 0, got ${wordsPerSecond}`,
    );
  }
  /** Made once for all chapters: an author belongs to one book. */
  let plan: BookPlan | undefined;
  return {
    id: "offline",
    label,
    concurrency: 3,
    notice: "Planned by inkwire offline, no language model was used.",
    outline(request, { signal }) {
      return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve(planOutline(request));
    },
    async chapter(task, call) {
      const { signal } = call;
      plan ??= planBook(task.request);
      const words = chapterPlan(task, plan).match(/\s*\S+\s*/g) ?? [];
      const perPause =
        wordsPerSecond === null ? Infinity : Math.ceil((wordsPerSecond * minPauseMs) / 1_000);
      let spoken = 0;
      for (const word of words) {
        signal.throwIfAborted();
        call.write(word);
        spoken += 1;
        if (spoken % perPause === 0)
          await sleep((perPause * 1_000) / (wordsPerSecond ?? 1), signal);
      }
      signal.throwIfAborted();
      return {};
    },
  };
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    // The timer wraps the reason; callers look for their own.
    signal.throwIfAborted();
    throw error;
  }
}
