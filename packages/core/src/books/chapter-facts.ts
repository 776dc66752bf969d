import type { StepCall } from "../pipeline/types.js";
import { isInkwireError } from "../protocol/index.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { checkFacts, type BibleFact } from "./bible/facts.js";

/** How often a busy provider is asked for what only helps, whatever the chapter itself took. */
const maxAttempts = 2;

interface Failures {
  /** How often it was asked for in vain by earlier attempts at the chapter. */
  readonly before: number;
  readonly onFailure: () => void;
}

/**
 * What a finished chapter settles for the later ones, noted by its author; `undefined` of an author that keeps no bible.
 *
 * It is an aid: an answer of no use is told, and the later chapters have the outline alone.
 *
 * @throws whatever makes any further request useless: an abort, a spent budget, a refused key; and twice what a retry may mend.
 */
export async function noteFacts(
  author: Author,
  task: ChapterTask,
  text: string,
  call: StepCall,
  events: AuthorEvents,
  failures: Failures,
): Promise<readonly BibleFact[] | undefined> {
  if (author.facts === undefined) return undefined;
  try {
    return checkFacts(
      await author.facts(
        { ...task, text },
        makeAuthorCall(call, () => {}, events),
      ),
    );
  } catch (error) {
    call.signal.throwIfAborted();
    if (!isInkwireError(error)) throw error;
    const isUseless = error.code === "output_invalid" || error.code === "output_truncated";
    if (!isUseless && (!error.retryable || failures.before + 1 < maxAttempts)) {
      if (error.retryable) failures.onFailure();
      throw error;
    }
    const message = "what it settles could not be noted, later chapters have the outline alone";
    events.onRepair?.({ jobId: call.jobId, step: call.step }, { kind: "facts_missing", message });
    return [];
  }
}
