import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { JobQueue } from "../../src/pipeline/types.js";
import { createRedisQueue } from "../../src/redis/queue.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";
import { describeJobQueue } from "../suites/job-queue.js";

describe.skipIf(!hasRedis)("Redis", () => {
  const shared = shareRedis();
  const problems: unknown[] = [];
  const queueAt = (prefix: string, concurrency: number, work: (id: string) => Promise<void>) =>
    createRedisQueue({
      redis: shared.redis,
      prefix,
      concurrency,
      onProblem: (it) => problems.push(it),
    })(work);

  describeJobQueue(
    "on Redis",
    ({ concurrency, work }) => queueAt(shared.newPrefix(), concurrency, work),
    () => sleep(100),
  );

  /** Nodes with one line, whose work ends when the test says so. */
  const openNodes = (count: number, concurrency: number) => {
    const prefix = shared.newPrefix();
    const started: Array<readonly [node: number, jobId: string]> = [];
    const open = new Map<string, () => void>();
    const nodes: JobQueue[] = Array.from({ length: count }, (_, node) =>
      queueAt(prefix, concurrency, (jobId) => {
        started.push([node, jobId]);
        return new Promise((resolve) => open.set(jobId, resolve));
      }),
    );
    return {
      nodes: nodes as [JobQueue, JobQueue, ...JobQueue[]],
      started,
      finish: (jobId: string) => {
        open.get(jobId)?.();
        open.delete(jobId);
      },
      open,
      close: () => Promise.all(nodes.map((node) => node.close())),
    };
  };

  it("runs on any node what one put in line, and tells that one of the end", async () => {
    const { nodes, started, open, finish, close } = openNodes(3, 1);
    const ended: string[] = [];
    for (const id of ["a", "b", "c"])
      void nodes[0].enqueue(id, { owner: "me", priority: 0 }).then(() => ended.push(id));
    await expect.poll(() => open.size).toBe(3);
    expect(new Set(started.map(([node]) => node)).size).toBe(3);
    expect(await nodes[1].holds?.("a")).toBe(true);
    for (const id of ["a", "b", "c"]) finish(id);
    await expect.poll(() => ended.toSorted()).toEqual(["a", "b", "c"]);
    expect(await nodes[1].holds?.("a")).toBe(false);
    await close();
  });

  it("runs a job that is put in line again before its node has heard of its end", async () => {
    const prefix = shared.newPrefix();
    const redis = shared.connect();
    const ask = redis.evalsha.bind(redis) as (...args: unknown[]) => Promise<unknown>;
    let isLate = false;
    redis.evalsha = async (...args: unknown[]) => {
      const answer = await ask(...args);
      if (isLate) {
        isLate = false;
        await sleep(500);
      }
      return answer;
    };
    let runs = 0;
    const worker = createRedisQueue({ redis, prefix, concurrency: 2 })(async () => {
      runs += 1;
      // The next that is asked is the end of this job; the first run makes sure that Redis knows the script.
      isLate = runs === 2;
    });
    const other = queueAt(prefix, 0, async () => {});
    const put = { owner: "me", priority: 0 };
    await worker.enqueue("warm up", put);
    const first = worker.enqueue("again", put);
    await expect.poll(() => runs).toBe(2);
    await expect.poll(() => other.holds?.("again"), { interval: 5 }).toBe(false);
    void other.enqueue("again", put);
    await first;
    await expect.poll(() => runs).toBe(3);
    await expect.poll(() => other.holds?.("again")).toBe(false);
    await Promise.all([worker.close(), other.close()]);
  });

  it("is fair between owners over all nodes", async () => {
    const { nodes, started, open, finish, close } = openNodes(2, 2);
    const ends = Array.from({ length: 30 }, (_, index) =>
      nodes[index % 2 === 0 ? 0 : 1].enqueue(`greedy-${index}`, { owner: "greedy", priority: 0 }),
    );
    await expect.poll(() => open.size).toBe(4);
    ends.push(nodes[1].enqueue("modest-0", { owner: "modest", priority: 0 }));
    ends.push(nodes[0].enqueue("modest-1", { owner: "modest", priority: 0 }));
    await expect.poll(() => nodes[0].holds?.("modest-1")).toBe(true);
    const last = Promise.all(ends).then(() => true);
    while (started.length < 32 || open.size > 0) {
      const [first] = open.keys();
      if (first !== undefined) finish(first);
      await sleep(2);
    }
    expect(await last).toBe(true);
    const place = (id: string) => started.findIndex(([, jobId]) => jobId === id);
    expect(new Set(started.map(([, jobId]) => jobId)).size).toBe(32);
    expect(place("modest-0")).toBeLessThan(7);
    expect(place("modest-1")).toBeLessThan(8);
    await close();
  });

  it("has one place for one id over all nodes, and takes it out from any", async () => {
    const { nodes, started, open, finish, close } = openNodes(2, 1);
    const busy = ["x", "y"].map((id) => nodes[0].enqueue(id, { owner: "me", priority: 0 }));
    await expect.poll(() => open.size).toBe(2);
    const waiting = nodes.map((node) => node.enqueue("a", { owner: "me", priority: 0 }));
    await expect.poll(() => nodes[0].holds?.("a")).toBe(true);
    expect(await nodes[1].withdraw("a")).toBe(true);
    expect(await nodes[0].withdraw("a")).toBe(false);
    await Promise.all(waiting);
    for (const id of ["x", "y"]) finish(id);
    await Promise.all(busy);
    await sleep(50);
    expect(started.map(([, id]) => id).toSorted()).toEqual(["x", "y"]);
    await close();
  });

  it("leaves what waits to the other nodes when one closes", async () => {
    const { nodes, started, open, finish, close } = openNodes(2, 1);
    const ends = ["a", "b", "c"].map((id) => nodes[0].enqueue(id, { owner: "me", priority: 0 }));
    await expect.poll(() => open.size).toBe(2);
    const closing = nodes[0].close();
    for (const [, id] of started.slice()) finish(id);
    await closing;
    await Promise.all(ends);
    await expect.poll(() => started.map(([, id]) => id)).toEqual(["a", "b", "c"]);
    finish("c");
    await close();
  });

  it("had nothing to complain about in all of this", () => {
    expect(problems).toEqual([]);
  });
});
