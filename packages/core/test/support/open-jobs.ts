import { createJobs } from "../../src/pipeline/jobs.js";
import type { JobsOptions } from "../../src/pipeline/options.js";
import type { Job, JobReport, Jobs } from "../../src/pipeline/types.js";
import { createMemoryHome } from "../../src/storage/home.js";
import type { Home } from "../../src/storage/types.js";

/** Jobs that remember everything they told. */
export interface ObservedJobs extends AsyncDisposable {
  readonly jobs: Jobs;
  readonly home: Home;
  readonly reports: JobReport[];
  readonly errors: unknown[];
  /** The reports in short: `step_finished chapter/2 cached`. */
  readonly story: string[];
  /** Puts a job in line and waits for its end. */
  run(pipeline: string, input?: unknown, id?: string): Promise<Job>;
}

export function openJobs(
  options: Omit<JobsOptions, "home"> & { readonly home?: Home | undefined },
): ObservedJobs {
  const home = options.home ?? createMemoryHome();
  const reports: JobReport[] = [];
  const errors: unknown[] = [];
  const story: string[] = [];
  const jobs = createJobs({
    onError: (error) => errors.push(error),
    ...options,
    home,
    onReport(report) {
      reports.push(report);
      story.push(inShort(report));
      options.onReport?.(report);
    },
  });
  return {
    jobs,
    home,
    reports,
    errors,
    story,
    async run(pipeline, input, id) {
      const job = await jobs.enqueue(pipeline, input, { owner: "me", id });
      return jobs.wait(job.id);
    },
    [Symbol.asyncDispose]: () => jobs.close({ graceMs: 0 }),
  };
}

function inShort(report: JobReport): string {
  if (!("step" in report) || report.step === undefined) {
    return report.type === "started" && report.resumed ? "started again" : report.type;
  }
  const { name, index } = report.step;
  const step = index === undefined ? name : `${name}/${index}`;
  const more =
    report.type === "step_finished" && report.cached
      ? " cached"
      : "attempt" in report
        ? ` ${report.attempt}`
        : "";
  return `${report.type} ${step}${more}`;
}
