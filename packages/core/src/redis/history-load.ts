import type { Redis } from "ioredis";
import { isTopic, type Topic } from "../protocol/index.js";
import { seqOfId, type RawEntry } from "./history-entry.js";
import type { HistoryKeys } from "./history-keys.js";

/** What topics have lost in Redis, the highest number of each; `floor` for all that are not told apart. */
export interface LostMarks {
  readonly floor: number;
  readonly topics: readonly (readonly [topic: Topic, seq: number])[];
}

/** How many entries are read at once. */
const LOAD_COUNT = 500;

/** All that the stream keeps, up to this number at least. */
export async function loadEntries(
  redis: Redis,
  keys: HistoryKeys,
  throughSeq: number,
): Promise<readonly RawEntry[]> {
  const entries: RawEntry[] = [];
  let from = "-";
  for (;;) {
    const some = (await redis.xrange(keys.stream, from, "+", "COUNT", LOAD_COUNT)) as RawEntry[];
    for (const entry of some) entries.push(entry);
    const last = seqOfId(some.at(-1)?.[0] ?? "");
    if (some.length < LOAD_COUNT || last === undefined || last >= throughSeq) return entries;
    from = String(last + 1);
  }
}

/** The marks above `afterSeq`. */
export async function loadLost(
  redis: Redis,
  keys: HistoryKeys,
  afterSeq: number,
): Promise<LostMarks> {
  const [floor, pairs] = await Promise.all([
    redis.hget(keys.state, "floor"),
    redis.zrangebyscore(keys.lost, `(${afterSeq}`, "+inf", "WITHSCORES"),
  ]);
  const topics: (readonly [Topic, number])[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const topic = pairs[at];
    const seq = Number(pairs[at + 1]);
    if (isTopic(topic) && Number.isSafeInteger(seq)) topics.push([topic, seq]);
  }
  return { floor: Number(floor ?? 0), topics };
}
