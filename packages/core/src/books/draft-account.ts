import type { AuthorEvents } from "./author-events.js";
import type { DraftState } from "./draft-lines.js";
import type { DraftLog } from "./drafts.js";
import type { Repair } from "./repair.js";
import type { Usage } from "./types.js";
import type { SpentRequest } from "./authors/requests.js";
import { estimateTokens } from "./estimate-tokens.js";
import { sumUsage } from "./sum-usage.js";

/** What a chapter or an outline took so far, over all attempts and processes: kept in its draft until it has a checkpoint. */
export interface DraftAccount {
  readonly events: AuthorEvents;
  readonly repairs: readonly Repair[];
  /** `undefined` where no author said. */
  readonly usage: Usage | undefined;
}

/**
 * Keeps account in `draft` and passes everything on to `events`.
 *
 * @param left - what earlier attempts kept. A request of theirs that has no end was lost with its process: it is told, and
 *   counted from its text.
 */
export function createDraftAccount(
  draft: DraftLog,
  events: AuthorEvents,
  left: DraftState | undefined,
): DraftAccount {
  const spent: SpentRequest[] = [...(left?.spent ?? [])];
  const repairs: Repair[] = [...(left?.repairs ?? [])];
  let lost = left?.open;

  const onUsage: NonNullable<AuthorEvents["onUsage"]> = (place, request) => {
    spent.push(request);
    draft.note({ spent: request });
    events.onUsage?.(place, request);
  };
  return {
    events: {
      async onRequest(place, planned, signal) {
        if (lost !== undefined) onUsage(place, lostRequest(lost));
        lost = undefined;
        const allowed = await events.onRequest?.(place, planned, signal);
        draft.note({ planned });
        return allowed;
      },
      onUsage,
      onWait: events.onWait,
      onRepair(place, repair) {
        repairs.push(repair);
        draft.note({ repair });
        events.onRepair?.(place, repair);
      },
    },
    repairs,
    get usage() {
      const requests = lost === undefined ? spent : [...spent, lostRequest(lost)];
      return sumUsage(requests.map(({ usage }) => usage));
    },
  };
}

function lostRequest({ planned, chars }: NonNullable<DraftState["open"]>): SpentRequest {
  const { author, purpose, inputTokens } = planned;
  const usage = { inputTokens, outputTokens: estimateTokens(chars), estimated: true };
  return { author, purpose, usage, outcome: "lost" };
}
