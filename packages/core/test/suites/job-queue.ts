import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { isInkwireError } from "../../src/protocol/index.js";
import type { JobQueue } from "../../src/pipeline/types.js";

export type CreateQueue = (options: {
  readonly concurrency: number;
  readonly work: (jobId: string) => Promise<void>;
}) => JobQueue;

/** Work that ends when the test says so, and remembers what began. */
function createGate() {
  const started: string[] = [];
  const open = new Map<string, () => void>();
  return {
    started,
    work: (jobId: string) => {
      started.push(jobId);
      return new Promise<void>((resolve) => open.set(jobId, resolve));
    },
    /** Resolves when exactly these have begun, in this order. */
    began: (...jobIds: string[]) => expect.poll(() => started, POLL).toEqual(jobIds),
    async finish(jobId: string) {
      open.get(jobId)?.();
      open.delete(jobId);
      await turn();
    },
    /** Ends what runs, one after the other and the earliest first, until `count` have begun and ended. */
    async finishAll(count: number) {
      while (started.length < count || open.size > 0) {
        await vi.waitUntil(() => open.size > 0, POLL);
        const [first = ""] = open.keys();
        await this.finish(first);
      }
    },
  };
}

const POLL = { timeout: 10_000, interval: 2 };
const turn = async () => {
  for (let round = 0; round < 3; round++) await setImmediate();
};
const mine = { owner: "me", priority: 0 };

/**
 * What every `JobQueue` promises.
 *
 * @param settle - waits until whatever could begin has begun, to see that something did not. @default a few turns
 */
export function describeJobQueue(
  name: string,
  create: CreateQueue,
  settle: () => Promise<unknown> = turn,
): void {
  describe(`a queue of jobs: ${name}`, () => {
    it("runs each job once, as many at once as it may, and says when each has ended", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 2, work: gate.work });
      const ended: string[] = [];
      for (const id of ["a", "b", "c"]) void queue.enqueue(id, mine).then(() => ended.push(id));
      await gate.began("a", "b");
      await settle();
      expect(gate.started).toEqual(["a", "b"]);
      expect(queue.stats()).toEqual({ waiting: 1, running: 2 });
      await gate.finish("b");
      await gate.began("a", "b", "c");
      await expect.poll(() => ended, POLL).toEqual(["b"]);
      await gate.finishAll(3);
      await expect.poll(() => ended.toSorted(), POLL).toEqual(["a", "b", "c"]);
      await expect.poll(() => queue.stats(), POLL).toEqual({ waiting: 0, running: 0 });
      await queue.close();
    });

    it("lets higher priorities go first, and equal ones in the order of coming", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 1, work: gate.work });
      void queue.enqueue("first", mine);
      await gate.began("first");
      for (const [id, priority] of [
        ["low", -1],
        ["normal-1", 0],
        ["high", 7],
        ["normal-2", 0],
      ] as const) {
        void queue.enqueue(id, { owner: "me", priority });
      }
      await settle();
      await gate.finishAll(5);
      expect(gate.started).toEqual(["first", "high", "normal-1", "normal-2", "low"]);
      await queue.close();
    });

    it("does not let the hundred jobs of one owner starve another", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 2, work: gate.work });
      for (let index = 0; index < 100; index++)
        void queue.enqueue(`greedy-${index}`, { owner: "greedy", priority: 0 });
      await gate.began("greedy-0", "greedy-1");
      for (let index = 0; index < 3; index++)
        void queue.enqueue(`modest-${index}`, { owner: "modest", priority: 0 });
      void queue.enqueue("third-0", { owner: "third", priority: 0 });
      await settle();
      await gate.finishAll(104);
      expect(gate.started).toHaveLength(104);
      const place = (id: string) => gate.started.indexOf(id);
      expect(place("modest-0")).toBeLessThan(4);
      expect(place("third-0")).toBeLessThan(6);
      expect(place("modest-2")).toBeLessThan(12);
      await queue.close();
    });

    it("takes a waiting job out of the line, but not a running one", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 1, work: gate.work });
      const running = queue.enqueue("running", mine);
      const waiting = queue.enqueue("waiting", mine);
      await gate.began("running");
      await settle();
      expect(await queue.withdraw("running")).toBe(false);
      expect(await queue.withdraw("waiting")).toBe(true);
      expect(await queue.withdraw("waiting")).toBe(false);
      expect(await queue.withdraw("unknown")).toBe(false);
      await waiting;
      await gate.finishAll(1);
      await running;
      expect(gate.started).toEqual(["running"]);
      await queue.close();
    });

    it("gives the place of a job that does not listen to nobody until it has really ended", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 1, work: gate.work });
      void queue.enqueue("deaf", mine);
      void queue.enqueue("next", mine);
      await gate.began("deaf");
      await queue.withdraw("deaf");
      await settle();
      expect(gate.started).toEqual(["deaf"]);
      expect(queue.stats().running).toBe(1);
      await gate.finish("deaf");
      await gate.began("deaf", "next");
      await gate.finishAll(2);
      await queue.close();
    });

    it("has one place for one id, and a new one after its end", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 2, work: gate.work });
      const both = Promise.all([queue.enqueue("a", mine), queue.enqueue("a", mine)]);
      await gate.began("a");
      await settle();
      await gate.finishAll(1);
      await both;
      expect(gate.started).toEqual(["a"]);
      const again = queue.enqueue("a", mine);
      await gate.began("a", "a");
      await gate.finishAll(2);
      await again;
      await settle();
      expect(gate.started).toEqual(["a", "a"]);
      await queue.close();
    });

    it("goes on after work that fails, and tells who waits for it", async () => {
      const ran: string[] = [];
      const queue = create({
        concurrency: 1,
        async work(jobId) {
          ran.push(jobId);
          if (jobId === "bad") throw new Error("bad work");
        },
      });
      const ends = await Promise.allSettled(["bad", "good"].map((id) => queue.enqueue(id, mine)));
      expect(ends).toMatchObject([
        { status: "rejected", reason: new Error("bad work") },
        { status: "fulfilled" },
      ]);
      expect(ran).toEqual(["bad", "good"]);
      await queue.close();
    });

    it("on closing starts nothing further, waits for what runs, and refuses what comes", async () => {
      const gate = createGate();
      const queue = create({ concurrency: 1, work: gate.work });
      void queue.enqueue("running", mine);
      const waiting = queue.enqueue("waiting", mine);
      await gate.began("running");
      let closed = false;
      const closing = Promise.all([queue.close(), queue.close()]).then(() => (closed = true));
      await waiting;
      await settle();
      expect(closed).toBe(false);
      await expect(queue.enqueue("late", mine)).rejects.toSatisfy((error) =>
        isInkwireError(error, "closed"),
      );
      await gate.finishAll(1);
      await closing;
      expect(gate.started).toEqual(["running"]);
    });
  });
}
