import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import type { StepCall } from "../../src/pipeline/types.js";
import { InkwireError, isInkwireError } from "../../src/protocol/index.js";
import { createMemoryHome } from "../../src/storage/home.js";
import { createFakeClock } from "../support/fake-clock.js";
import { openJobs } from "../support/open-jobs.js";

/** Three steps; the second is in the test's hands. */
function threeSteps(second: (call: StepCall) => Promise<unknown>, calls: string[] = []) {
  return definePipeline("p", {}, async (run) => {
    await run.step("first", {}, async () => calls.push("first"));
    await run.step("second", {}, (call) => {
      calls.push("second");
      return second(call);
    });
    return run.step("third", {}, async () => calls.push("third"));
  });
}

const untilAborted = (call: StepCall) =>
  new Promise((_, reject) =>
    call.signal.addEventListener("abort", () => reject(call.signal.reason as Error), {
      once: true,
    }),
  );

const begun = (observed: { story: string[] }) =>
  expect.poll(() => observed.story, { interval: 2 }).toContain("step_started second 1");

describe("cancel", () => {
  it("reaches the step at once, and leaves what is finished", async () => {
    let abortedAt = Number.NaN;
    const pipeline = threeSteps((call) => {
      call.signal.addEventListener("abort", () => (abortedAt = performance.now()));
      return untilAborted(call);
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    const asked = performance.now();
    const cancelling = observed.jobs.cancel(id);
    // Before anything else could run.
    expect(abortedAt - asked).toBeLessThan(50);
    await cancelling;
    const job = await observed.jobs.wait(id);
    expect(job).toMatchObject({ status: "cancelled" });
    expect(job.error).toBeUndefined();
    expect(observed.story.at(-1)).toBe("cancelled");
    expect([...(await observed.jobs.checkpoints(id)).keys()]).toEqual(["first"]);
    expect(await observed.jobs.cancel(id)).toEqual(job);
    expect(await observed.home.storage.getKeys("cancels")).toEqual([]);
  });

  it("can be resumed, without doing finished steps again", async () => {
    const calls: string[] = [];
    let slow = true;
    await using observed = openJobs({
      pipelines: [threeSteps(async (call) => (slow ? untilAborted(call) : 2), calls)],
    });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    await observed.jobs.cancel(id);
    await observed.jobs.wait(id);
    slow = false;
    await observed.jobs.resume(id);
    expect((await observed.jobs.wait(id)).status).toBe("completed");
    expect(calls).toEqual(["first", "second", "second", "third"]);
  });

  it("waits for a step that does not listen, and keeps what it paid for", async () => {
    const gate = Promise.withResolvers<string>();
    await using observed = openJobs({
      pipelines: [threeSteps(() => gate.promise)],
      concurrency: 1,
    });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    const next = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await observed.jobs.cancel(id);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await observed.jobs.isRunning(id)).toBe(true);
    expect(observed.reports.some(({ job, type }) => job.id === next.id && type === "started")).toBe(
      false,
    );
    gate.resolve("paid");
    expect((await observed.jobs.wait(id)).status).toBe("cancelled");
    expect((await observed.jobs.checkpoints(id)).get("second")).toBe("paid");
    expect((await observed.jobs.wait(next.id)).status).toBe("completed");
  });

  it("takes a job out of the line before it begins", async () => {
    const gate = Promise.withResolvers<void>();
    await using observed = openJobs({
      pipelines: [threeSteps(() => gate.promise)],
      concurrency: 1,
    });
    const running = await observed.jobs.enqueue("p", {}, { owner: "me" });
    const waiting = await observed.jobs.enqueue("p", {}, { owner: "me" });
    expect((await observed.jobs.cancel(waiting.id)).status).toBe("cancelled");
    expect((await observed.jobs.wait(waiting.id)).status).toBe("cancelled");
    gate.resolve();
    await observed.jobs.wait(running.id);
    expect(
      observed.reports.filter(({ job }) => job.id === waiting.id).map(({ type }) => type),
    ).toEqual(["queued", "cancelled"]);
  });

  it("asked for elsewhere reaches the process that runs the job within a quarter of a second", async () => {
    const home = createMemoryHome();
    const clock = createFakeClock();
    const pipelines = [threeSteps(untilAborted)];
    await using here = openJobs({ home, pipelines, clock });
    await using elsewhere = openJobs({ home, pipelines, clock });
    const { id } = await here.jobs.enqueue("p", {}, { owner: "me" });
    await clock.advance(10);
    expect((await elsewhere.jobs.cancel(id)).status).not.toBe("cancelled");
    await clock.advance(250);
    expect((await here.jobs.wait(id)).status).toBe("cancelled");
    expect((await elsewhere.jobs.wait(id)).status).toBe("cancelled");
    expect(elsewhere.story).toEqual([]);
  });

  it("of a job that nobody runs is written down at once", async () => {
    const home = createMemoryHome();
    {
      await using dying = openJobs({ home, pipelines: [threeSteps(untilAborted)] });
      await dying.jobs.enqueue("p", {}, { owner: "me", id: "left" });
      await begun(dying);
    }
    await using observed = openJobs({ home, pipelines: [] });
    expect((await observed.jobs.cancel("left")).status).toBe("cancelled");
    expect(observed.story).toEqual(["cancelled"]);
  });
});

describe("close", () => {
  it("lets a running step reach its checkpoint, and begins no further one", async () => {
    const calls: string[] = [];
    const gate = Promise.withResolvers<string>();
    const observed = openJobs({ pipelines: [threeSteps(() => gate.promise, calls)] });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    const closing = observed.jobs.close({ graceMs: 60_000 });
    const waiting = observed.jobs.wait(id);
    gate.resolve("in time");
    await closing;
    expect(observed.story.slice(-2)).toEqual(["step_finished second", "interrupted"]);
    expect(await waiting).toMatchObject({ status: "processing" });
    expect(await observed.jobs.isRunning(id)).toBe(false);

    await using later = openJobs({
      home: observed.home,
      pipelines: [threeSteps(async () => "again", calls)],
    });
    expect(await later.jobs.recover()).toEqual([id]);
    expect(await later.jobs.recover()).toEqual([]);
    expect((await later.jobs.wait(id)).status).toBe("completed");
    expect(calls).toEqual(["first", "second", "third"]);
    expect(later.story).toContain("started again");
  });

  it("lets all items of a map that have begun reach theirs", async () => {
    const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
    const pipeline = definePipeline("m", {}, (run) =>
      run.map("item", [0, 1, 2, 3], { concurrency: 2 }, async (item) => {
        await gates[item]?.promise;
        return item;
      }),
    );
    const observed = openJobs({ pipelines: [pipeline] });
    const { id } = await observed.jobs.enqueue("m", {}, { owner: "me" });
    await expect.poll(() => observed.story).toContain("step_started item/1 1");
    const closing = observed.jobs.close({ graceMs: 60_000 });
    gates[0]?.resolve();
    await new Promise((resolve) => setTimeout(resolve, 10));
    gates[1]?.resolve();
    await closing;
    expect([...(await observed.jobs.checkpoints(id)).keys()]).toEqual(["item/0", "item/1"]);
    expect(observed.story).not.toContain("step_started item/2 1");
    expect(observed.story.at(-1)).toBe("interrupted");
  });

  it("aborts what is not at a checkpoint when its patience ends, which a second call may shorten", async () => {
    const clock = createFakeClock();
    const observed = openJobs({ pipelines: [threeSteps(untilAborted)], clock });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await clock.advance(1);
    const closing = observed.jobs.close({ graceMs: 60_000 });
    await clock.advance(30_000);
    expect(observed.story.at(-1)).toBe("step_started second 1");
    const again = observed.jobs.close({ graceMs: 5 });
    await clock.advance(5);
    await Promise.all([closing, again]);
    expect(observed.story.at(-1)).toBe("interrupted");
    expect(await observed.jobs.get(id)).toMatchObject({ status: "processing" });
    expect(clock.sleeping).toEqual([]);
  });

  it("does not wait for the next attempt of a step", async () => {
    const clock = createFakeClock();
    const pipeline = threeSteps(async () => {
      throw new InkwireError("provider_busy", "busy", { retryable: true, retryAfterMs: 600_000 });
    });
    const observed = openJobs({ pipelines: [pipeline], clock });
    await observed.jobs.enqueue("p", {}, { owner: "me" });
    await clock.advance(1);
    await observed.jobs.close({ graceMs: 60_000 });
    expect(observed.story.at(-1)).toBe("interrupted");
  });

  it("leaves jobs in line for a later process, and refuses new ones", async () => {
    const gate = Promise.withResolvers<void>();
    const pipelines = [threeSteps(() => gate.promise)];
    const observed = openJobs({ pipelines, concurrency: 1 });
    await observed.jobs.enqueue("p", {}, { owner: "me", id: "running" });
    await observed.jobs.enqueue("p", {}, { owner: "me", id: "waiting" });
    const waiting = observed.jobs.wait("waiting");
    await begun(observed);
    const closing = observed.jobs.close({ graceMs: 0 });
    const closed = (error: unknown) => isInkwireError(error, "closed");
    await expect(observed.jobs.enqueue("p", {}, { owner: "me" })).rejects.toSatisfy(closed);
    await expect(observed.jobs.resume("waiting")).rejects.toSatisfy(closed);
    await expect(observed.jobs.recover()).rejects.toSatisfy(closed);
    gate.resolve();
    await closing;
    expect((await waiting).status).toBe("queued");
    await using later = openJobs({ home: observed.home, pipelines });
    expect((await later.jobs.recover()).toSorted()).toEqual(["running", "waiting"]);
    await Promise.all(["running", "waiting"].map((id) => later.jobs.wait(id)));
    expect((await later.jobs.list()).map(({ status }) => status)).toEqual([
      "completed",
      "completed",
    ]);
  });

  it("completes a job that has nothing left to do", async () => {
    const gate = Promise.withResolvers<void>();
    const pipeline = definePipeline("p", {}, (run) =>
      run.step("second", {}, async () => gate.promise),
    );
    const observed = openJobs({ pipelines: [pipeline] });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    const closing = observed.jobs.close();
    gate.resolve();
    await closing;
    expect(await observed.jobs.get(id)).toMatchObject({ status: "completed" });
  });
});

describe("a lost lease", () => {
  it("aborts the run, which writes nothing further", async () => {
    const home = createMemoryHome();
    const calls: string[] = [];
    const gate = Promise.withResolvers<string>();
    await using observed = openJobs({ home, pipelines: [threeSteps(() => gate.promise, calls)] });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await begun(observed);
    // As if this process had slept, and another one had begun and ended the job meanwhile.
    await home.locks.forget(`jobs:${id}`);
    const successor = await home.locks.acquire(`jobs:${id}`);
    const finished = JSON.stringify({
      v: 1,
      data: { ...(await observed.jobs.get(id)), status: "completed", progress: 100 },
    });
    await home.storage.setItem(`jobs:${id}`, finished);
    gate.resolve("too late");
    await observed.jobs.wait(id);
    expect(await home.storage.getItemRaw(`jobs:${id}`)).toBe(finished);
    expect([...(await observed.jobs.checkpoints(id)).keys()]).toEqual(["first"]);
    expect(calls).toEqual(["first", "second"]);
    expect(observed.story.at(-1)).toBe("interrupted");
    expect(observed.errors.some((error) => isInkwireError(error, "lease_lost"))).toBe(true);
    await successor?.verify();
  });

  it("is noticed by the heartbeat also while a step takes its time", async () => {
    const home = createMemoryHome();
    const clock = createFakeClock();
    await using observed = openJobs({ home, pipelines: [threeSteps(untilAborted)], clock });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await clock.advance(1);
    await home.locks.forget(`jobs:${id}`);
    await home.locks.acquire(`jobs:${id}`);
    await clock.advance(5_000);
    expect(observed.story.at(-1)).toBe("interrupted");
  });
});
