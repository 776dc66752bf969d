import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { openHome } from "../../src/storage/home.js";
import { openJobs } from "../support/open-jobs.js";
import { smallDisk, whyNoSmallDisk } from "../support/small-disk.js";

const noSmallDisk = whyNoSmallDisk();
if (noSmallDisk !== undefined)
  console.warn(`SKIPPED: the tests with a full disk, because ${noSmallDisk}`);

describe.skipIf(noSmallDisk !== undefined)("a disk that is full in the middle of a job", () => {
  const bigText = "word ".repeat(20_000);

  it("fails the job with disk_full, announces nothing unsaved, and lets a resume go on once there is space", async () => {
    using disk = smallDisk(1_024);
    const calls: number[] = [];
    const pipeline = definePipeline("p", {}, async (run) => {
      const texts = await run.map("chapter", [1, 2, 3], {}, async (number) => {
        calls.push(number);
        if (number === 2 && calls.length === 2) disk.fill();
        return bigText + number;
      });
      return texts.map((text) => text.at(-1)).join("");
    });
    await using observed = openJobs({
      home: await openHome(join(disk.path, "home")),
      pipelines: [pipeline],
    });
    const job = await observed.run("p");
    expect(job).toMatchObject({ status: "failed", error: { code: "disk_full", retryable: true } });
    expect(observed.story.slice(-2)).toEqual(["step_started chapter/1 1", "failed chapter/1"]);
    expect([...(await observed.jobs.checkpoints(job.id)).keys()]).toEqual(["chapter/0"]);

    disk.free();
    await observed.jobs.resume(job.id);
    expect(await observed.jobs.wait(job.id)).toMatchObject({ status: "completed", result: "123" });
    expect(calls).toEqual([1, 2, 2, 3]);
  });

  it("is told as a failure also when not even the job can be begun", async () => {
    using disk = smallDisk(256);
    const home = await openHome(join(disk.path, "home"));
    const gate = Promise.withResolvers<void>();
    const pipeline = definePipeline("p", {}, () => gate.promise);
    await using observed = openJobs({ home, pipelines: [pipeline], concurrency: 1 });
    const first = await observed.jobs.enqueue("p", {}, { owner: "me" });
    const second = await observed.jobs.enqueue("p", {}, { owner: "me" });
    disk.fill();
    gate.resolve();
    expect((await observed.jobs.wait(first.id)).error?.code).toBe("disk_full");
    expect((await observed.jobs.wait(second.id)).error?.code).toBe("disk_full");
    await expect(observed.jobs.enqueue("p", {}, { owner: "me" })).rejects.toMatchObject({
      code: "disk_full",
    });

    disk.free();
    expect((await observed.jobs.recover()).toSorted()).toEqual([first.id, second.id].toSorted());
    expect((await observed.jobs.wait(first.id)).status).toBe("completed");
    expect((await observed.jobs.wait(second.id)).status).toBe("completed");
  });

  it("does not keep anybody from cancelling", async () => {
    using disk = smallDisk(256);
    const pipeline = definePipeline("p", {}, (run) =>
      run.step(
        "wait",
        {},
        (call) =>
          new Promise((_, reject) =>
            call.signal.addEventListener("abort", () => reject(call.signal.reason as Error)),
          ),
      ),
    );
    await using observed = openJobs({
      home: await openHome(join(disk.path, "home")),
      pipelines: [pipeline],
    });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => observed.story).toContain("step_started wait 1");
    disk.fill();
    const cancelled = await observed.jobs.cancel(id);
    expect(["processing", "cancelled", "failed"]).toContain(cancelled.status);
    // It has stopped; that it was cancelled could not be written down, so it says why.
    expect(await observed.jobs.wait(id)).toMatchObject({
      status: "failed",
      error: { code: "disk_full" },
    });
    expect(await observed.jobs.isRunning(id)).toBe(false);
  });
});
