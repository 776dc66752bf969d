import type { Topic } from "../protocol/index.js";

/** Whether a reader of `topics` is among those who missed something of `missed`; of any topic where that is `undefined`. */
export function hasMissed(
  topics: ReadonlySet<Topic>,
  missed: ReadonlySet<Topic> | undefined,
): boolean {
  if (missed === undefined) return true;
  for (const topic of topics) if (missed.has(topic)) return true;
  return false;
}
