import type { StepCall } from "../pipeline/types.js";
import { isInkwireError } from "../protocol/index.js";
import { makeAuthorCall, type AuthorEvents } from "./author-events.js";
import type { Author, ChapterTask } from "./authors/author.js";
import { checkFacts, type BibleFact } from "./bible/facts.js";

/** How often a busy provider is asked for what only helps. */
const maxAttempts = 2;

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
    if (!isUseless && (!error.retryable || call.attempt < maxAttempts)) throw error;
    const message = "what it settles could not be noted, later chapters have the outline alone";
    events.onRepair?.({ jobId: call.jobId, step: call.step }, { kind: "facts_missing", message });
    return [];
  }
}
