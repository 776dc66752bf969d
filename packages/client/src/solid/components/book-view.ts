import type { BookStatus } from "@inkwire/client";
import type { Labels } from "../labels.js";

/** A book in words, from what a message or the list says about it. */
export interface BookView {
  readonly taskId: () => string | undefined;
  /** `undefined` while nothing is known. */
  readonly state: () => BookStatus | "stopped" | undefined;
  readonly stateText: () => string;
  readonly title: () => string;
  /** Whole, 0 to 100; `undefined` before it has begun. */
  readonly percent: () => number | undefined;
  readonly percentText: (percent: number) => string;
}

interface BookFacts {
  readonly task_id: string;
  readonly status: BookStatus;
  readonly progress: number;
}

export function bookView(
  facts: () => BookFacts | undefined,
  isStopped: () => boolean,
  title: () => string | undefined,
  labels: Labels,
): BookView {
  const state = (): BookStatus | "stopped" | undefined =>
    isStopped() ? "stopped" : facts()?.status;
  return {
    taskId: () => facts()?.task_id,
    state,
    stateText() {
      const known = state();
      return known === undefined ? labels.loading : labels.book[known];
    },
    title: () => title() ?? labels.untitled,
    percent() {
      const known = facts();
      if (known === undefined || (known.status === "queued" && known.progress === 0))
        return undefined;
      // Down: 99.9 is not the end.
      return Math.floor(known.progress);
    },
    percentText: labels.percent,
  };
}
