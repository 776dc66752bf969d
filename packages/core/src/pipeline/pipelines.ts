import { InkwireError } from "../protocol/index.js";
import type { Job, Pipeline } from "./types.js";

/** A pipeline of any kind: what its input is, only itself knows. */
export type AnyPipeline = Pipeline<never>;

/** Pipelines by name. @throws InkwireError `invalid_option` when two have the same one. */
export function byName(pipelines: readonly AnyPipeline[]): ReadonlyMap<string, AnyPipeline> {
  const map = new Map<string, AnyPipeline>();
  for (const pipeline of pipelines) {
    if (map.has(pipeline.name)) {
      throw new InkwireError(
        "invalid_option",
        `Expected one pipeline called ${JSON.stringify(pipeline.name)}, got two`,
      );
    }
    map.set(pipeline.name, pipeline);
  }
  return map;
}

/** @throws InkwireError `invalid_option` when this program has no pipeline of that name. */
export function pipelineNamed(
  pipelines: ReadonlyMap<string, AnyPipeline>,
  name: string,
): AnyPipeline {
  const pipeline = pipelines.get(name);
  if (pipeline !== undefined) return pipeline;
  const known = [...pipelines.keys()].map((other) => JSON.stringify(other)).join(", ") || "none";
  throw new InkwireError(
    "invalid_option",
    `Expected the name of a pipeline of this program (${known}), got ${JSON.stringify(name)}`,
  );
}

/**
 * The pipeline that a job is for.
 *
 * @throws InkwireError `invalid_option` when this program does not have it, `job_newer` when a newer version began the job.
 */
export function pipelineFor(pipelines: ReadonlyMap<string, AnyPipeline>, job: Job): AnyPipeline {
  const pipeline = pipelineNamed(pipelines, job.pipeline);
  if (job.version <= pipeline.version) return pipeline;
  throw new InkwireError(
    "job_newer",
    `The job ${job.id} was begun by version ${job.version} of "${job.pipeline}", and this program has version ${pipeline.version}.`,
    { hint: "Update inkwire to go on with it." },
  );
}
