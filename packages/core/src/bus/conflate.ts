import { mergeEnvelopes } from "./envelope.js";
import type { Envelope } from "./types.js";

/**
 * What is left of a run of messages when every class is applied: all durable ones, the first and the newest of each key
 * of `latest`, neighbours of a key of `append` merged. The newest stands at its own place, so that numbers grow; and only
 * neighbours merge, so that a reader that stops in between has everything up to its cursor.
 */
export function conflate(envelopes: readonly Envelope[]): readonly Envelope[] {
  if (envelopes.every((envelope) => envelope.key === undefined)) return envelopes;
  const kept: (Envelope | undefined)[] = [];
  const newest = new Map<string, { readonly at: number; readonly isFirst: boolean }>();
  for (const envelope of envelopes) {
    const { key } = envelope;
    if (key !== undefined && envelope.delivery.class === "latest") {
      const last = newest.get(key);
      if (last?.isFirst === false) kept[last.at] = undefined;
      newest.set(key, { at: kept.length, isFirst: last === undefined });
      kept.push(envelope);
      continue;
    }
    const tail = kept.at(-1);
    const merged = tail === undefined ? undefined : mergeEnvelopes(tail, envelope);
    if (merged === undefined) kept.push(envelope);
    else kept[kept.length - 1] = merged;
  }
  return kept.filter((envelope) => envelope !== undefined);
}
