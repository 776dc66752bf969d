import * as v from "valibot";
import type { Storage } from "unstorage";
import { InkwireError, isInkwireError } from "../protocol/index.js";
import type { Damage } from "../storage/quarantine.js";
import { createRecords, type Records } from "../storage/records.js";
import type { Lease } from "../storage/types.js";
import type { StepRef } from "./types.js";

const storedCheckpoint = v.object({
  step: v.string(),
  index: v.optional(v.number()),
  savedAt: v.number(),
  /** Absent when the step gave back `undefined`. */
  value: v.optional(v.unknown()),
});

export type StoredCheckpoint = v.InferOutput<typeof storedCheckpoint>;
export type CheckpointRecords = Records<StoredCheckpoint>;

/** The saved results of one job's steps, as a run uses them. */
export interface Checkpoints {
  /** The result of `step` for these inputs, when it is there and whole. */
  find(step: StepRef, input: string): Promise<{ readonly value: unknown } | undefined>;
  /** Resolves when it is on disk. @throws InkwireError `lease_lost` when another process runs the job by now. */
  save(step: StepRef, input: string, value: unknown): Promise<void>;
  /** Whether anything was there when the run began. */
  readonly any: boolean;
}

/** All checkpoints lie at `steps:<job>:<name>[:<index>]:<hash of the inputs>`. */
export function createCheckpointRecords(
  storage: Storage,
  onDamage: (damage: Damage) => void,
): CheckpointRecords {
  return createRecords({
    storage,
    prefix: "steps",
    version: 1,
    schema: storedCheckpoint,
    onDamage,
  });
}

/**
 * Opens the checkpoints of a job for the owner of `lease`.
 *
 * @param options.isNew - nobody ever ran it, so there is nothing to look for. Only where that is certain: what is not seen here is
 *   paid for again.
 */
export async function openCheckpoints(
  records: CheckpointRecords,
  jobId: string,
  lease: Lease,
  { now, isNew }: { readonly now: () => number; readonly isNew: boolean },
): Promise<Checkpoints> {
  // One look at the folder instead of one per step. In a memory home it goes through the keys of all jobs.
  const known = new Set(isNew ? [] : await records.keys(jobId));
  return {
    any: known.size > 0,
    async find(step, input) {
      const key = keyOf(jobId, step, input);
      if (!known.has(key)) return undefined;
      try {
        const found = await records.get(key);
        return found === undefined ? undefined : { value: found.value };
      } catch (error) {
        // It is in quarantine, and was told: the step has to be done again.
        if (isInkwireError(error, "record_damaged")) return undefined;
        throw error;
      }
    },
    async save(step, input, value) {
      const index = step.index === undefined ? {} : { index: step.index };
      const key = keyOf(jobId, step, input);
      const record = { step: step.name, ...index, savedAt: now(), value };
      await records.put(key, record, { isNew: !known.has(key), lease });
      known.add(key);
    },
  };
}

/** The newest result of each step, by `name` or `name/index`. */
export async function newestCheckpoints(
  records: CheckpointRecords,
  jobId: string,
): Promise<ReadonlyMap<string, unknown>> {
  const newest = new Map<string, StoredCheckpoint>();
  for (const { value } of await records.list(jobId)) {
    const name = value.index === undefined ? value.step : `${value.step}/${value.index}`;
    const other = newest.get(name);
    if (other === undefined || other.savedAt <= value.savedAt) newest.set(name, value);
  }
  return new Map([...newest].map(([name, { value }]) => [name, value]));
}

/** Gives `name` back. It becomes a part of a key, so it is checked. @throws InkwireError `invalid_option`. */
export function assertStepName(name: string): string {
  if (/^[a-z0-9-]{1,64}$/.test(name)) return name;
  throw new InkwireError(
    "invalid_option",
    `Expected the name of a step to be of a-z, 0-9 and "-", got ${JSON.stringify(name).slice(0, 100)}`,
  );
}

function keyOf(jobId: string, step: StepRef, input: string): string {
  return step.index === undefined
    ? `${jobId}:${step.name}:${input}`
    : `${jobId}:${step.name}:${step.index}:${input}`;
}
