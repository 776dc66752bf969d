import { InkwireError, isInkwireError } from "../../protocol/index.js";
import type { Author, AuthorCall } from "./author.js";

/** How often one chapter, or the outline, fails with a provider before the next one is asked. */
const FAILURES_EACH = 3;

const outages = new Set(["provider_unreachable", "provider_busy", "provider_failed"]);
const refusals = new Set([
  ...outages,
  "author_unavailable",
  "author_refused_key",
  "output_invalid",
]);

/**
 * An author that is several: the first one writes, and when it can't, because it is not there, its key is refused, or it
 * has failed three times in a row at the same piece of work, the next one takes over for the rest of the run. Each time
 * that is told as a repair.
 *
 * @param members - at least one; each knows how to go on with what another wrote.
 */
export function createChainAuthor(id: string, label: string, members: readonly Author[]): Author {
  const failures = new Map<string, number>();
  let current = 0;

  const mayTakeOver = (error: InkwireError, work: string): boolean => {
    if (!error.retryable) return refusals.has(error.code);
    if (!outages.has(error.code)) return false;
    const count = (failures.get(work) ?? 0) + 1;
    failures.set(work, count);
    return count >= FAILURES_EACH;
  };

  const ask = async <T>(
    work: string,
    call: AuthorCall,
    run: (author: Author, call: AuthorCall) => Promise<T>,
  ): Promise<T> => {
    for (;;) {
      const at = current;
      const author = members[at];
      const next = members[at + 1];
      if (author === undefined) throw new InkwireError("internal", "A chain needs an author");
      let wrote = false;
      const write = (text: string): void => {
        wrote ||= text !== "";
        call.write(text);
      };
      try {
        const result = await run(author, { ...call, write });
        failures.delete(work);
        return result;
      } catch (error) {
        if (call.signal.aborted || next === undefined || !isInkwireError(error)) throw error;
        // A connection that breaks in the middle is no outage: what came of it is gone on with.
        if (wrote && error.retryable) throw error;
        if (current === at) {
          if (!mayTakeOver(error, work)) throw error;
          current = at + 1;
          failures.clear();
          const message = `${error.message.replace(/[.!]$/, "")}; ${next.label} takes over`;
          call.onRepair?.({ kind: "author_replaced", message });
        }
        // What is written already can't be taken back from here: the next attempt goes on with it.
        if (wrote) throw retryable(error);
      }
    }
  };

  /** For what only helps: that an answer is of no use is no reason for another author. */
  const aid = async <T>(
    work: string,
    call: AuthorCall,
    run: (author: Author, call: AuthorCall) => Promise<readonly T[]> | undefined,
  ): Promise<readonly T[]> => {
    let useless: InkwireError | undefined;
    const answer = await ask(work, call, async (author, own) => {
      try {
        return (await run(author, own)) ?? [];
      } catch (error) {
        if (!isInkwireError(error, "output_invalid")) throw error;
        useless = error;
        return [];
      }
    });
    if (useless !== undefined) throw useless;
    return answer;
  };

  return {
    id,
    label,
    concurrency: members[0]?.concurrency ?? 1,
    continues: members.every(({ continues }) => continues),
    billings: members.flatMap(({ billings = [] }) => billings),
    outline: (request, call, notes, draft) =>
      ask("outline", call, (author, own) => author.outline(request, own, notes, draft)),
    chapter: (task, call) =>
      ask(`${task.chapter.number}`, call, (author, own) => author.chapter(task, own)),
    ...(members.some(({ facts }) => facts !== undefined)
      ? {
          facts: (task, call) =>
            aid(`facts ${task.chapter.number}`, call, (one, own) => one.facts?.(task, own)),
        }
      : {}),
    ...(members.some(({ mend }) => mend !== undefined)
      ? {
          mend: (task, call) =>
            aid(`mend ${task.chapter.number}`, call, (one, own) => one.mend?.(task, own)),
        }
      : {}),
  };
}

function retryable(error: InkwireError): InkwireError {
  return new InkwireError(error.code, error.message, { retryable: true, cause: error });
}
