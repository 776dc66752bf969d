import type { Redis } from "ioredis";
import { newEpoch } from "../bus/epoch.js";
import type { PastBounds } from "../bus/past.js";
import { InkwireError } from "../protocol/index.js";
import { scriptKeys, type HistoryKeys } from "./history-keys.js";
import { checkScript } from "./history-scripts.js";

export interface RedisBounds extends PastBounds {
  readonly maxAgeMs: number;
}

/** What a process has seen last: of which epoch, which number, and the mark that its entry bears. */
export interface Seen {
  readonly epoch: string;
  readonly seq: number;
  readonly mark: string;
}

/** What is in Redis now. */
export interface RedisHead {
  readonly epoch: string;
  readonly seq: number;
  /** By the clock of Redis, in milliseconds since 1970. */
  readonly nowMs: number;
  /** The oldest number that is kept; the next one where none is. */
  readonly oldestSeq: number;
  /** Topics that are not told apart may have lost something up to this number. */
  readonly floor: number;
  /** The last entry of the stream of epochs. */
  readonly epochsId: string;
}

export interface CheckOptions {
  readonly keys: HistoryKeys;
  readonly bounds: RedisBounds;
  readonly seen: Seen;
  /** Whether this may be another server than the one that `seen` was read from. */
  readonly isOther: boolean;
}

/** Looks at the head, and begins a new epoch in Redis where its past is not the one that was seen. Also lets go of what is old. */
export async function checkHead(redis: Redis, options: CheckOptions): Promise<RedisHead> {
  const { keys, bounds, seen, isOther } = options;
  const answer = await checkScript(redis, scriptKeys(keys), [
    newEpoch(),
    seen.epoch,
    seen.seq,
    seen.mark,
    isOther ? 1 : 0,
    bounds.maxMessages,
    bounds.maxBytes,
    bounds.maxAgeMs,
  ]);
  const [epoch, seq, nowMs, oldestSeq, floor, epochsId] = answer as unknown[];
  if (typeof epoch !== "string" || typeof epochsId !== "string")
    throw new InkwireError("storage_failed", "The history in Redis can't be read.");
  return {
    epoch,
    seq: Number(seq),
    nowMs: Number(nowMs),
    oldestSeq: Number(oldestSeq),
    floor: Number(floor),
    epochsId,
  };
}

/** Which server this is: another one after each restart and failover. "" where it may not be asked. */
export async function serverId(redis: Redis): Promise<string> {
  try {
    return /^run_id:(\w+)/m.exec(await redis.info("server"))?.[1] ?? "";
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("NOPERM")) return "";
    throw error;
  }
}
