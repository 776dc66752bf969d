import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { InkwireError } from "../../src/protocol/index.js";
import { createMemoryHome, openHome } from "../../src/storage/home.js";
import { openJobs } from "../support/open-jobs.js";
import { startSource } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

/** Four items, two at once; those that the gate knows end when the test says so. */
function createItems() {
  const gates = new Map<number, PromiseWithResolvers<void>>();
  const begun: number[] = [];
  const pipeline = definePipeline("p", {}, async (run) =>
    run.map("item", [0, 1, 2, 3], { concurrency: 2 }, async (item) => {
      begun.push(item);
      await gates.get(item)?.promise;
      return item;
    }),
  );
  return {
    pipeline,
    begun,
    hold(...items: number[]) {
      for (const item of items) gates.set(item, Promise.withResolvers());
    },
    letGo(item: number) {
      gates.get(item)?.resolve();
      gates.delete(item);
    },
  };
}

describe("pause", () => {
  it("lets what runs come to its checkpoint, begins nothing further, and goes on only when asked", async () => {
    const items = createItems();
    items.hold(0, 1);
    await using observed = openJobs({ pipelines: [items.pipeline] });
    const { jobs, home } = observed;
    const { id } = await jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => items.begun).toEqual([0, 1]);

    await jobs.pause(id);
    const waiting = jobs.wait(id);
    items.letGo(0);
    items.letGo(1);
    const paused = await waiting;
    expect(paused).toMatchObject({ status: "processing", paused: { code: "paused" } });
    expect(items.begun).toEqual([0, 1]);
    expect(observed.reports.at(-1)).toMatchObject({
      type: "interrupted",
      paused: { code: "paused" },
    });
    expect(await jobs.isRunning(id)).toBe(false);
    expect(await home.storage.getKeys("pauses")).toEqual([]);

    expect(await jobs.recover()).toEqual([]);
    const { paused: before, ...resumed } = await jobs.resume(id);
    expect(before).toBeUndefined();
    expect(resumed.status).toBe("queued");
    expect(await jobs.wait(id)).toMatchObject({ status: "completed", result: [0, 1, 2, 3] });
    expect(items.begun).toEqual([0, 1, 2, 3]);
    expect(observed.errors).toEqual([]);
  });

  it("keeps a job that waits for its turn out of the line", async () => {
    const items = createItems();
    items.hold(0);
    await using observed = openJobs({ pipelines: [items.pipeline], concurrency: 1 });
    const { jobs } = observed;
    const first = await jobs.enqueue("p", {}, { owner: "me" });
    const second = await jobs.enqueue("p", {}, { owner: "me" });
    expect(await jobs.pause(second.id)).toMatchObject({
      status: "queued",
      paused: { code: "paused" },
    });
    items.letGo(0);
    expect((await jobs.wait(first.id)).status).toBe("completed");
    expect((await jobs.wait(second.id)).status).toBe("queued");
    expect(await jobs.isRunning(second.id)).toBe(false);
  });

  it("is asked for by a step, and harms neither the steps beside it nor the retries of others", async () => {
    const begun: number[] = [];
    const beside = Promise.withResolvers<void>();
    const pipeline = definePipeline("p", {}, async (run) =>
      run.map("item", [0, 1, 2], { concurrency: 2 }, async (item, { signal }) => {
        begun.push(item);
        if (item === 0) {
          await beside.promise;
          signal.throwIfAborted();
        }
        if (item === 1) throw new InkwireError("budget_exceeded", "It would cost too much.");
        return item;
      }),
    );
    await using observed = openJobs({ pipelines: [pipeline] });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => begun).toEqual([0, 1]);
    beside.resolve();
    const job = await observed.jobs.wait(id);
    expect(job).toMatchObject({
      status: "processing",
      paused: { code: "budget_exceeded", message: "It would cost too much.", retryable: false },
    });
    expect(begun).toEqual([0, 1]);
    expect([...(await observed.jobs.checkpoints(id)).keys()]).toEqual(["item/0"]);
  });

  it("outlives the process, can be cancelled, and leaves an ended job alone", async () => {
    const items = createItems();
    items.hold(0, 1);
    const home = createMemoryHome();
    const observed = openJobs({ pipelines: [items.pipeline], home });
    const { id } = await observed.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => items.begun).toEqual([0, 1]);
    await observed.jobs.pause(id);
    items.letGo(0);
    items.letGo(1);
    await observed.jobs.close();

    await using later = openJobs({ pipelines: [items.pipeline], home });
    expect(await later.jobs.recover()).toEqual([]);
    expect((await later.jobs.wait(id)).paused).toMatchObject({ code: "paused" });
    const cancelled = await later.jobs.cancel(id);
    expect(cancelled).toMatchObject({ status: "cancelled" });
    expect(cancelled.paused).toBeUndefined();
    expect(await later.jobs.pause(id)).toEqual(cancelled);
    expect(await home.storage.getKeys("pauses")).toEqual([]);
  });

  it("reaches a job in another process", async () => {
    using directory = tempDirectory();
    const path = join(directory.path, "home");
    const child = startSource("./processes/write-book.ts", import.meta.url, [
      path,
      join(directory.path, "journal"),
      "6",
      "150",
    ]);
    expect(await child.line()).toBe("ready");
    const home = await openHome(path);
    const pipeline = definePipeline("write_book", {}, async () => null);
    await using observed = openJobs({ pipelines: [pipeline], home });
    const { jobs } = observed;
    await expect.poll(() => jobs.isRunning("book"), { timeout: 10_000 }).toBe(true);
    await jobs.pause("book");
    expect(await child.line()).toBe("interrupted");
    expect(await child.line()).toContain('"paused"');
    await child.ended;
    await expect.poll(() => jobs.isRunning("book"), { timeout: 10_000 }).toBe(false);
    expect((await jobs.get("book"))?.paused).toMatchObject({ code: "paused" });
    expect((await jobs.checkpoints("book")).size).toBeLessThan(8);
  });

  it("still counts after a kill before it could be written down", async () => {
    const items = createItems();
    await using observed = openJobs({ pipelines: [items.pipeline] });
    const { jobs, home } = observed;
    await home.storage.setItem("pauses:book", JSON.stringify({ v: 1, data: {} }));
    await jobs.enqueue("p", {}, { owner: "me", id: "book" });
    expect(await jobs.wait("book")).toMatchObject({
      status: "queued",
      paused: { code: "paused" },
    });
    expect(items.begun).toEqual([]);
  });
});
