import { randomUUID } from "node:crypto";
import { InkwireError } from "../protocol/index.js";
import { asStored } from "./endings.js";
import type { AnyPipeline } from "./pipelines.js";
import type { EnqueueOptions, Job } from "./types.js";

/** Whether `id` can be the id of a job: it becomes a part of keys and file names. */
export function isJobId(id: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(id);
}

/** A job that waits for its first run. @throws InkwireError `invalid_option` that names what does not fit. */
export function newJob(
  pipeline: AnyPipeline,
  input: unknown,
  options: EnqueueOptions,
  now: number,
): Job {
  const { owner, priority = 0, id = makeJobId(now) } = options;
  if (!isJobId(id)) throw invalid('id to be 1 to 64 characters of a-z, 0-9 and "-"', id);
  if (typeof owner !== "string" || owner === "")
    throw invalid("owner to be a text that is not empty", owner);
  if (!Number.isFinite(priority)) throw invalid("priority to be a finite number", priority);
  const createdAt = new Date(now).toISOString();
  return {
    id,
    pipeline: pipeline.name,
    version: pipeline.version,
    owner,
    priority,
    input: asStored(input, "the input of a job", "invalid_option"),
    status: "queued",
    progress: 0,
    createdAt,
    updatedAt: createdAt,
  };
}

/**
 * A UUID of version 7: it begins with the time, so that jobs of one time lie on one page of the database.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
function makeJobId(now: number): string {
  const time = now.toString(16).padStart(12, "0");
  // The version's digit and all that follows are as in a random one, but for that digit.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

function invalid(expected: string, got: unknown): InkwireError {
  return new InkwireError(
    "invalid_option",
    `Expected ${expected}, got ${String(got).slice(0, 100)}`,
  );
}
