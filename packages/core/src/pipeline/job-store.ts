import type { Storage } from "unstorage";
import * as v from "valibot";
import type { ErrorCode } from "../protocol/index.js";
import type { Damage } from "../storage/quarantine.js";
import { createRecords } from "../storage/records.js";
import type { Lease } from "../storage/types.js";
import type { Job } from "./types.js";

const wireError = v.object({
  // The union may grow; an older program shows a code it does not know as it is.
  code: v.custom<ErrorCode>((code) => typeof code === "string"),
  message: v.string(),
  retryable: v.boolean(),
});

const storedJob = v.object({
  id: v.string(),
  pipeline: v.string(),
  version: v.number(),
  owner: v.string(),
  priority: v.number(),
  input: v.optional(v.unknown()),
  status: v.picklist(["queued", "processing", "completed", "failed", "cancelled"]),
  progress: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
  createdAt: v.string(),
  updatedAt: v.string(),
  finishedAt: v.optional(v.string()),
  result: v.optional(v.unknown()),
  error: v.optional(wireError),
  paused: v.optional(wireError),
});

/** Where jobs are written down, and where one process asks another to cancel or pause. */
export interface JobStore {
  /** @throws InkwireError `record_damaged`, `record_newer`. */
  get(id: string): Promise<Job | undefined>;
  has(id: string): Promise<boolean>;
  /** @throws InkwireError `lease_lost` when `lease` is given and has a successor. */
  put(job: Job, lease?: Lease): Promise<void>;
  /** Stores a job whose id was made just now. */
  add(job: Job): Promise<void>;
  ids(): Promise<string[]>;
  /** All that can be read, oldest first. */
  list(): Promise<Job[]>;
  remove(id: string): Promise<void>;
  /** Asks whoever runs the job, now or later, to cancel it. */
  askCancel(id: string): Promise<void>;
  isCancelAsked(id: string): Promise<boolean>;
  forgetCancel(id: string): Promise<void>;
  /** The same for a pause. */
  askPause(id: string): Promise<void>;
  isPauseAsked(id: string): Promise<boolean>;
  forgetPause(id: string): Promise<void>;
}

/** Jobs lie at `jobs:<id>`, wishes to cancel at `cancels:<id>`, to pause at `pauses:<id>`. */
export function createJobStore(storage: Storage, onDamage: (damage: Damage) => void): JobStore {
  const records = createRecords<Job>({
    storage,
    prefix: "jobs",
    version: 1,
    schema: v.pipe(
      storedJob,
      v.transform((job): Job => ({ ...job, input: job.input })),
    ),
    onDamage,
  });
  const cancelKey = (id: string) => `cancels:${id}`;
  const pauseKey = (id: string) => `pauses:${id}`;
  const wish = JSON.stringify({ v: 1, data: {} });
  return {
    get: (id) => records.get(id),
    has: (id) => records.has(id),
    put: (job, lease) => records.put(job.id, job, lease === undefined ? {} : { lease }),
    add: (job) => records.put(job.id, job, { isNew: true }),
    ids: () => records.keys(),
    async list() {
      const jobs = (await records.list()).map(({ value }) => value);
      return jobs.toSorted((a, b) =>
        a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0,
      );
    },
    remove: (id) => records.remove(id),
    askCancel: (id) => storage.setItem(cancelKey(id), wish),
    isCancelAsked: (id) => storage.hasItem(cancelKey(id)),
    forgetCancel: (id) => storage.removeItem(cancelKey(id)),
    askPause: (id) => storage.setItem(pauseKey(id), wish),
    isPauseAsked: (id) => storage.hasItem(pauseKey(id)),
    forgetPause: (id) => storage.removeItem(pauseKey(id)),
  };
}
