import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { InkwireError } from "../../src/protocol/index.js";
import { createFakeClock } from "../support/fake-clock.js";
import { openJobs } from "../support/open-jobs.js";

const busy = (retryAfterMs?: number) =>
  new InkwireError("provider_busy", "The provider is busy.", { retryable: true, retryAfterMs });

/** One step that fails with each of `errors` in turn, and then gives back `"text"`. */
function failing(errors: readonly unknown[], retry = {}) {
  let calls = 0;
  const pipeline = definePipeline("p", {}, (run) =>
    run.step("chapter", { retry }, async () => {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      return "text";
    }),
  );
  return { pipeline, calls: () => calls };
}

describe("a step that fails", () => {
  it("is tried again after a jittered wait, and says when", async () => {
    const clock = createFakeClock(Date.UTC(2026, 10, 22, 21, 0, 0));
    const { pipeline, calls } = failing([busy(), busy()]);
    await using observed = openJobs({ pipelines: [pipeline], clock, random: () => 0.5 });
    const ended = observed.run("p");
    await clock.advance(499);
    expect(calls()).toBe(1);
    expect(observed.reports.at(-1)).toMatchObject({
      type: "retrying",
      step: { name: "chapter" },
      attempt: 2,
      maxAttempts: 5,
      retryAt: "2026-11-22T21:00:00.500Z",
      error: { code: "provider_busy", message: "The provider is busy.", retryable: true },
    });
    await clock.advance(1);
    expect(calls()).toBe(2);
    await clock.advance(1_000);
    expect(await ended).toMatchObject({ status: "completed", result: "text" });
    expect(observed.story.filter((line) => line.startsWith("step_started"))).toEqual([
      "step_started chapter 1",
      "step_started chapter 2",
      "step_started chapter 3",
    ]);
  });

  it("waits at least as long as the other side asked", async () => {
    const clock = createFakeClock();
    const { pipeline, calls } = failing([busy(30_000)]);
    await using observed = openJobs({ pipelines: [pipeline], clock, random: () => 0 });
    const ended = observed.run("p");
    await clock.advance(29_999);
    expect(calls()).toBe(1);
    await clock.advance(1);
    expect((await ended).status).toBe("completed");
  });

  it("fails for good when its budget is spent, with the last error, and may be resumed", async () => {
    const clock = createFakeClock();
    const { pipeline, calls } = failing([busy(), busy(), busy(), busy()], { maxAttempts: 3 });
    await using observed = openJobs({ pipelines: [pipeline], clock });
    const ended = observed.run("p");
    await clock.advance(120_000);
    const job = await ended;
    expect(job).toMatchObject({
      status: "failed",
      error: { code: "provider_busy", retryable: true },
    });
    expect(calls()).toBe(3);
    await observed.jobs.resume(job.id);
    await clock.advance(120_000);
    expect((await observed.jobs.wait(job.id)).status).toBe("completed");
    expect(calls()).toBe(5);
  });

  it.each([
    ["lasts", new InkwireError("author_refused_key", "refused")],
    ["is a bug", new TypeError("x is not a function")],
    ["is no error at all", "just a text"],
  ])("is not tried again when the error %s", async (_, error) => {
    const { pipeline, calls } = failing([error]);
    await using observed = openJobs({ pipelines: [pipeline], clock: createFakeClock() });
    expect((await observed.run("p")).status).toBe("failed");
    expect(calls()).toBe(1);
  });

  it("stops waiting at once when it is cancelled", async () => {
    const clock = createFakeClock();
    const { pipeline, calls } = failing([busy(600_000)]);
    await using observed = openJobs({ pipelines: [pipeline], clock });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await clock.advance(1_000);
    await observed.jobs.cancel(id);
    expect((await observed.jobs.wait(id)).status).toBe("cancelled");
    expect(calls()).toBe(1);
  });

  it("leaves no wait behind when the job has ended", async () => {
    const clock = createFakeClock();
    const { pipeline } = failing([busy()]);
    await using observed = openJobs({ pipelines: [pipeline], clock, random: () => 0 });
    const ended = observed.run("p");
    await clock.advance(0);
    await ended;
    expect(clock.sleeping).toEqual([]);
  });
});
