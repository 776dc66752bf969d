import { InkwireError } from "../protocol/index.js";
import type { Pipeline, PlannedStep, Run } from "./types.js";

export interface PipelineOptions<Input> {
  /** Raise it when jobs that a newer body began must not be taken up by an older one. @default 1 */
  readonly version?: number | undefined;
  /** The steps to come for this input, with their weights. @default none: each step counts from when it begins */
  readonly plan?: ((input: Input) => readonly PlannedStep[]) | undefined;
}

/**
 * Describes a long job: a body that does its work in named steps. The body may run several times, each time from its
 * beginning; what is in a step is done once.
 *
 * @param name - `a-z`, `0-9`, `_` and `-`, such as `write_book`.
 * @throws InkwireError `invalid_option`.
 */
export function definePipeline<Input, Result>(
  name: string,
  options: PipelineOptions<Input>,
  body: (run: Run, input: Input) => Promise<Result>,
): Pipeline<Input, Result> {
  const version = options.version ?? 1;
  if (!/^[a-z0-9_-]{1,64}$/.test(name)) {
    throw new InkwireError(
      "invalid_option",
      `Expected the name of a pipeline to be of a-z, 0-9, "_" and "-", got ${JSON.stringify(name)}`,
    );
  }
  if (!Number.isInteger(version) || version < 1) {
    throw new InkwireError(
      "invalid_option",
      `Expected version to be an integer >= 1, got ${version}`,
    );
  }
  return { name, version, plan: options.plan ?? (() => []), body };
}
