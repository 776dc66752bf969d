import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFailed } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { systemClock, type Clock } from "../../src/pipeline/clock.js";
import type { StepCall } from "../../src/pipeline/types.js";
import { isInkwireError } from "../../src/protocol/index.js";
import { createRedisQueue, createRedisSignals, openRedisHome } from "../../src/redis/index.js";
import { openJobs, type ObservedJobs } from "../support/open-jobs.js";
import { createRandom } from "../support/random.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";

/** Nothing is found by looking in these tests: what happens was told by a signal. */
const blind: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms < 1_000 ? ms : 3_600_000, signal),
};

describe.skipIf(!hasRedis)("jobs of several nodes on Redis", () => {
  const shared = shareRedis();

  /** A node with connections of its own. */
  const openNode = async (
    prefix: string,
    body: (jobId: string, call: StepCall) => Promise<unknown>,
    { leaseTtlMs = 60_000, concurrency = 2, clock = blind } = {},
  ): Promise<ObservedJobs> => {
    const redis = shared.connect();
    const home = await openRedisHome({ redis, prefix, leaseTtlMs });
    const signals = createRedisSignals({ redis, prefix });
    const observed = openJobs({
      home,
      signals,
      clock,
      pipelines: [
        definePipeline("p", {}, async (run) => {
          await run.step("work", { retry: { maxAttempts: 1 } }, (call) => body(run.jobId, call));
          await run.step("end", {}, async () => {});
        }),
      ],
      queue: createRedisQueue({ redis, prefix, concurrency }),
    });
    return {
      ...observed,
      async [Symbol.asyncDispose]() {
        await observed[Symbol.asyncDispose]();
        signals.close();
      },
    };
  };
  const untilAborted = (_: string, { signal }: StepCall) =>
    new Promise((__, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    );

  it("end a job on another node at once by a cancel, which is a state of its own", async () => {
    const prefix = shared.newPrefix();
    let abortedAt = Number.NaN;
    await using worker = await openNode(prefix, async (id, call) => {
      call.signal.addEventListener("abort", () => (abortedAt = performance.now()));
      return untilAborted(id, call);
    });
    await using other = await openNode(prefix, untilAborted, { concurrency: 0 });
    const { id } = await other.jobs.enqueue("p", {}, { owner: "me" });
    const waiting = other.jobs.wait(id);
    await expect.poll(() => worker.story).toContain("step_started work 1");
    const asked = performance.now();
    await other.jobs.cancel(id);
    expect(await waiting).toMatchObject({ status: "cancelled" });
    expect(worker.story.at(-1)).toBe("cancelled");
    const heardMs = performance.now() - asked;
    console.log(
      `cancel: ${(abortedAt - asked).toFixed(1)} ms to the step, ${heardMs.toFixed(1)} ms to who waits`,
    );
    expect(abortedAt).toBeGreaterThan(asked);
  });

  it("pause a job on another node, and end one that waits for its turn elsewhere", async () => {
    const prefix = shared.newPrefix();
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    await using worker = await openNode(prefix, () => gate, { concurrency: 1 });
    await using other = await openNode(prefix, untilAborted, { concurrency: 0 });
    const running = await other.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => worker.story).toContain("step_started work 1");
    const behind = await worker.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => worker.story.filter((told) => told === "queued")).toHaveLength(1);
    expect(await other.jobs.cancel(behind.id)).toMatchObject({ status: "cancelled" });
    expect(await worker.jobs.wait(behind.id)).toMatchObject({ status: "cancelled" });

    const waiting = other.jobs.wait(running.id);
    await other.jobs.pause(running.id);
    // So that it has heard: a pause lets the step that runs come to its end.
    await sleep(200);
    letGo();
    expect((await waiting).paused).toMatchObject({ code: "paused" });
    expect(worker.story).not.toContain("step_started end 1");
  });

  it("refuse the checkpoint of an owner that was taken over", async () => {
    const prefix = shared.newPrefix();
    let letGo = () => {};
    const gate = new Promise<string>((resolve) => (letGo = () => resolve("stale")));
    await using worker = await openNode(prefix, () => gate);
    const { id } = await worker.jobs.enqueue("p", {}, { owner: "me" });
    await expect.poll(() => worker.story).toContain("step_started work 1");
    const elsewhere = await openRedisHome({ redis: shared.redis, prefix });
    await elsewhere.locks.forget(`jobs:${id}`);
    // Its number is the same as that of the owner before; it is not the same owner.
    const successor = await elsewhere.locks.acquire(`jobs:${id}`);
    expect(successor?.token).toBe(1);
    letGo();
    await expect.poll(() => worker.story.at(-1)).toBe("interrupted");
    expect(worker.errors.some((error) => isInkwireError(error, "lease_lost"))).toBe(true);
    expect(await worker.jobs.checkpoints(id)).toEqual(new Map());
    await successor?.release();
  });

  it("are each done once, whoever puts them in line, cancels them, and comes and goes", async () => {
    const seed = Math.floor(Math.random() * 0x7fff_ffff);
    onTestFailed(() => console.error(`seed ${seed}`));
    const random = createRandom(seed);
    const prefix = shared.newPrefix();
    const finished: string[] = [];
    const work = async (id: string, { signal }: StepCall) => {
      await sleep(random() * 20, undefined, { signal });
      finished.push(id);
      return id;
    };
    const open = () => openNode(prefix, work, { leaseTtlMs: 2_000, clock: systemClock });
    const nodes = [await open(), await open(), await open()];
    const any = () => nodes[Math.floor(random() * nodes.length)] ?? nodes[0];
    for (const { jobs } of nodes) await jobs.recover({ everyMs: 200 });
    const ids: string[] = [];
    const cancels: Array<Promise<unknown>> = [];
    for (let index = 0; index < 80; index++) {
      const owner = `owner-${Math.floor(random() * 5)}`;
      const job = await any()?.jobs.enqueue("p", {}, { owner, priority: index % 3 });
      ids.push(job?.id ?? "");
      if (random() < 0.15) cancels.push(any()?.jobs.cancel(job?.id ?? "") ?? Promise.resolve());
      if (index === 40) {
        // One goes in the middle of its work, and another comes.
        await nodes.shift()?.jobs.close({ graceMs: 0 });
        const late = await open();
        await late.jobs.recover({ everyMs: 200 });
        nodes.push(late);
      }
    }
    await Promise.all(cancels);
    const ends = await Promise.all(ids.map(async (id) => any()?.jobs.wait(id)));
    expect(new Set(ends.map((job) => job?.status))).toEqual(new Set(["completed", "cancelled"]));
    const completed = ends.filter((job) => job?.status === "completed").map((job) => job?.id);
    expect(completed.length).toBeGreaterThan(40);
    for (const id of completed) expect(finished.filter((other) => other === id)).toEqual([id]);
    for (const node of nodes) await node[Symbol.asyncDispose]();
    expect(await shared.redis.keys(`{${prefix}}:line:*`)).toEqual([`{${prefix}}:line:turn`]);
  });
});
