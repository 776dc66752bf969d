import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { createJobs } from "../../src/pipeline/jobs.js";
import type { StepCall } from "../../src/pipeline/types.js";
import { InkwireError, isInkwireError } from "../../src/protocol/index.js";
import { createMemoryHome } from "../../src/storage/home.js";
import { openJobs } from "../support/open-jobs.js";

const code = (expected: string) => (error: unknown) =>
  isInkwireError(error) && error.code === expected;

/** Outline, some chapters, assembly; `calls` is the witness of what was really done. */
function bookPipeline(
  calls: string[] = [],
  onChapter: (call: StepCall) => Promise<void> = async () => {},
) {
  return definePipeline(
    "write_book",
    {
      plan: (input: { chapters: number }) => [
        { name: "outline", weight: 1 },
        { name: "chapter", weight: 8, count: input.chapters },
        { name: "assemble", weight: 1 },
      ],
    },
    async (run, input) => {
      const numbers = await run.step("outline", { input }, async () => {
        calls.push("outline");
        return Array.from({ length: input.chapters }, (_, index) => index + 1);
      });
      const chapters = await run.map(
        "chapter",
        numbers,
        { weight: 8, concurrency: 2 },
        async (number, call) => {
          calls.push(`chapter ${number}`);
          await onChapter(call);
          return { number, words: number * 100 };
        },
      );
      return run.step("assemble", {}, async () => {
        calls.push("assemble");
        return chapters.reduce((sum, chapter) => sum + chapter.words, 0);
      });
    },
  );
}

describe("a job", () => {
  it("runs its steps, tells each in order, and keeps its result", async () => {
    await using observed = openJobs({ pipelines: [bookPipeline()] });
    const job = await observed.run("write_book", { chapters: 2 });
    expect(job).toMatchObject({
      status: "completed",
      progress: 100,
      result: 300,
      owner: "me",
      pipeline: "write_book",
    });
    expect(job.finishedAt).toBe(job.updatedAt);
    expect(observed.story).toEqual([
      "queued",
      "started",
      "step_started outline 1",
      "step_finished outline",
      "step_started chapter/0 1",
      "step_started chapter/1 1",
      "step_finished chapter/0",
      "step_finished chapter/1",
      "step_started assemble 1",
      "step_finished assemble",
      "completed",
    ]);
    expect(await observed.jobs.get(job.id)).toEqual(job);
    expect([...(await observed.jobs.checkpoints(job.id))]).toEqual([
      ["assemble", 300],
      ["chapter/0", { number: 1, words: 100 }],
      ["chapter/1", { number: 2, words: 200 }],
      ["outline", [1, 2]],
    ]);
    expect(observed.errors).toEqual([]);
  });

  it("shows progress that grows from report to report", async () => {
    await using observed = openJobs({
      pipelines: [
        bookPipeline([], async (call) => {
          for (const ratio of [0.5, 0.25, Number.NaN, 0.75, 7]) call.progress(ratio);
        }),
      ],
    });
    await observed.run("write_book", { chapters: 5 });
    const seen = observed.reports.map(({ job }) => job.progress);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(100);
    expect(observed.reports.filter(({ type }) => type === "step_progress").length).toBeGreaterThan(
      5,
    );
  });

  it("gives the body what storage would give it back, so that a resumed run sees the same", async () => {
    const seen: unknown[] = [];
    const pipeline = definePipeline("dates", {}, async (run) => {
      seen.push(await run.step("date", {}, async () => ({ at: new Date(0), nothing: undefined })));
      seen.push(await run.step("nothing", {}, async () => undefined));
      if (seen.length === 2) throw new InkwireError("output_invalid", "once");
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    const job = await observed.run("dates");
    await observed.jobs.resume(job.id);
    expect((await observed.jobs.wait(job.id)).status).toBe("completed");
    expect(seen).toEqual([
      { at: "1970-01-01T00:00:00.000Z" },
      undefined,
      { at: "1970-01-01T00:00:00.000Z" },
      undefined,
    ]);
  });

  it("does a step again when its input has changed, and not when it has not", async () => {
    const calls: string[] = [];
    let style = "plain";
    let fail = true;
    const pipeline = definePipeline("styled", {}, async (run) => {
      await run.step("same", { input: { a: 1, b: 2 } }, async () => calls.push("same"));
      const text = await run.step("styled", { input: { style } }, async () => {
        calls.push(style);
        return style;
      });
      if (fail) throw new InkwireError("output_invalid", "not yet");
      return text;
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    const { id } = await observed.run("styled");
    for (const next of ["ornate", "plain"]) {
      style = next;
      fail = next === "ornate";
      await observed.jobs.resume(id);
      await observed.jobs.wait(id);
    }
    // The first style's checkpoint was still there.
    expect(calls).toEqual(["same", "plain", "ornate"]);
    expect(await observed.jobs.get(id)).toMatchObject({ status: "completed", result: "plain" });
  });

  it("stops its siblings at the first error that lasts, and ends only when they have really ended", async () => {
    const ended: number[] = [];
    const pipeline = definePipeline("parallel", {}, (run) =>
      run.map("item", [0, 1, 2, 3, 4], { concurrency: 3 }, async (item, call) => {
        if (item === 1) throw new InkwireError("author_refused_key", "the key is refused");
        await new Promise<void>((resolve) => {
          // Slow to stop, as a model's socket may be.
          call.signal.addEventListener("abort", () => setTimeout(resolve, 20), { once: true });
        });
        ended.push(item);
        return item;
      }),
    );
    await using observed = openJobs({ pipelines: [pipeline] });
    const job = await observed.run("parallel");
    expect(job).toMatchObject({
      status: "failed",
      error: { code: "author_refused_key", message: "the key is refused" },
    });
    expect(new Set(ended)).toEqual(new Set([0, 2]));
    expect(observed.reports.at(-1)).toMatchObject({
      type: "failed",
      step: { name: "item", index: 1, count: 5 },
    });
    // What two of them finished in spite of it was paid for, and is kept.
    expect([...(await observed.jobs.checkpoints(job.id)).keys()]).toEqual(["item/0", "item/2"]);
  });

  it("tells nothing of an unexpected error but that it was one; the error itself goes to onError", async () => {
    const secret = new TypeError("cannot read ~/.key");
    const pipeline = definePipeline("buggy", {}, (run) =>
      run.step("wrong", {}, async () => {
        throw secret;
      }),
    );
    await using observed = openJobs({ pipelines: [pipeline] });
    const job = await observed.run("buggy");
    expect(job.error).toEqual({
      code: "step_failed",
      message: 'The step "wrong" failed unexpectedly.',
      retryable: false,
    });
    expect(observed.errors).toHaveLength(1);
    expect((observed.errors[0] as Error).cause).toBe(secret);
  });

  it.each([
    [
      "a circle",
      () => {
        const circle: unknown[] = [];
        circle.push(circle);
        return circle;
      },
    ],
    ["a BigInt", () => 1n],
  ])("fails when a step gives back %s", async (_, make) => {
    const pipeline = definePipeline("odd", {}, (run) => run.step("odd", {}, async () => make()));
    await using observed = openJobs({ pipelines: [pipeline] });
    expect((await observed.run("odd")).error?.code).toBe("step_failed");
  });

  it("waits for steps that its body forgot, and brings nothing down by them", async () => {
    let ended = false;
    const pipeline = definePipeline("careless", {}, async (run) => {
      void run.step("forgotten", {}, async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        ended = true;
        throw new Error("nobody listens");
      });
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    expect((await observed.run("careless")).status).toBe("completed");
    expect(ended).toBe(true);
    expect(observed.errors.map(String)).toEqual([expect.stringContaining('"forgotten" failed')]);
  });

  it("does the same step with the same input only once at a time", async () => {
    let calls = 0;
    const pipeline = definePipeline("twice", {}, (run) => {
      const step = () => run.step("same", { input: 1 }, async () => ++calls);
      return Promise.all([step(), step()]);
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    expect((await observed.run("twice")).result).toEqual([1, 1]);
  });

  it.each([
    [
      "a step's name",
      definePipeline("p", {}, (run) => run.step("Chapter 1: ../..", {}, async () => 1)),
    ],
    [
      "a concurrency",
      definePipeline("p", {}, (run) => run.map("a", [1], { concurrency: 0 }, async () => 1)),
    ],
    [
      "a retry",
      definePipeline("p", {}, (run) => run.step("a", { retry: { maxAttempts: 0 } }, async () => 1)),
    ],
    ["an input", definePipeline("p", {}, (run) => run.step("a", { input: 1n }, async () => 1))],
    ["a weight", definePipeline("p", {}, (run) => run.step("a", { weight: -1 }, async () => 1))],
  ])("fails with a clear error for %s that is not allowed", async (_, pipeline) => {
    await using observed = openJobs({ pipelines: [pipeline] });
    const { error } = await observed.run("p");
    expect(error?.code).toBe("invalid_option");
    expect(error?.message).toContain("Expected");
  });
});

describe("jobs", () => {
  it("refuse what cannot become a job", async () => {
    await using observed = openJobs({ pipelines: [bookPipeline()] });
    const { jobs } = observed;
    const enqueue = (input: unknown, options: Record<string, unknown>) =>
      expect(jobs.enqueue("write_book", input, { owner: "me", ...options })).rejects.toSatisfy(
        code("invalid_option"),
      );
    await expect(jobs.enqueue("unknown", {}, { owner: "me" })).rejects.toThrow('"write_book"');
    await enqueue({}, { id: "../etc" });
    await enqueue({}, { id: "" });
    await enqueue({}, { id: "a:b" });
    await enqueue({}, { owner: "" });
    await enqueue({}, { priority: Number.NaN });
    await enqueue({ big: 1n }, {});
    expect(await jobs.list()).toEqual([]);
    await observed.run("write_book", { chapters: 1 }, "one");
    await expect(jobs.enqueue("write_book", {}, { owner: "me", id: "one" })).rejects.toSatisfy(
      code("conflict"),
    );
  });

  it("know nothing of ids that are none", async () => {
    await using observed = openJobs({ pipelines: [] });
    for (const id of ["nobody", "../etc/passwd", "", "A", "a:b"]) {
      expect(await observed.jobs.get(id)).toBeUndefined();
      expect(await observed.jobs.isRunning(id)).toBe(false);
      expect((await observed.jobs.checkpoints(id)).size).toBe(0);
      for (const call of ["cancel", "resume", "wait", "remove"] as const) {
        await expect(observed.jobs[call](id)).rejects.toSatisfy(code("job_unknown"));
      }
    }
  });

  it("check their options", () => {
    const home = createMemoryHome();
    const twice = [bookPipeline(), bookPipeline()];
    expect(() => createJobs({ home, pipelines: twice })).toThrow("got two");
    expect(() => createJobs({ home, pipelines: [], concurrency: 0 })).toThrow("concurrency");
    expect(() => createJobs({ home, pipelines: [], leaseRenewMs: 60_000 })).toThrow("leaseRenewMs");
    expect(() => definePipeline("Write Book", {}, async () => {})).toThrow("name");
    expect(() => definePipeline("p", { version: 0 }, async () => {})).toThrow("version");
  });

  it("harm no job when onReport throws or rejects", async () => {
    const errors: unknown[] = [];
    let count = 0;
    await using jobs = createJobs({
      home: createMemoryHome(),
      pipelines: [bookPipeline()],
      onError: (error) => {
        errors.push(error);
        throw new Error("onError throws as well");
      },
      onReport: () => {
        count++;
        if (count % 2 === 0) throw new Error("thrown");
        return Promise.reject(new Error("rejected")) as unknown as void;
      },
    });
    const { id } = await jobs.enqueue("write_book", { chapters: 2 }, { owner: "me" });
    expect((await jobs.wait(id)).status).toBe("completed");
    expect(count).toBe(11);
    expect(errors).toHaveLength(11);
  });

  it("list all jobs, oldest first, and remove one with its checkpoints", async () => {
    await using observed = openJobs({ pipelines: [bookPipeline()] });
    for (const id of ["c", "a", "b"]) {
      await observed.run("write_book", { chapters: 1 }, id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await observed.jobs.list()).map(({ id }) => id)).toEqual(["c", "a", "b"]);
    await observed.jobs.remove("a");
    expect((await observed.jobs.list()).map(({ id }) => id)).toEqual(["c", "b"]);
    expect((await observed.home.storage.getKeys()).filter((key) => /:a(:|$)/.test(key))).toEqual(
      [],
    );
    await expect(observed.jobs.remove("a")).rejects.toSatisfy(code("job_unknown"));
  });

  it("are busy while a job runs, and finished when it is completed", async () => {
    const gate = Promise.withResolvers<void>();
    await using observed = openJobs({ pipelines: [bookPipeline([], () => gate.promise)] });
    const { id } = await observed.jobs.enqueue("write_book", { chapters: 1 }, { owner: "me" });
    await expect.poll(() => observed.story).toContain("step_started chapter/0 1");
    expect(await observed.jobs.isRunning(id)).toBe(true);
    await expect(observed.jobs.resume(id)).rejects.toSatisfy(code("job_busy"));
    await expect(observed.jobs.remove(id)).rejects.toSatisfy(code("job_busy"));
    gate.resolve();
    await observed.jobs.wait(id);
    expect(await observed.jobs.isRunning(id)).toBe(false);
    await expect(observed.jobs.resume(id)).rejects.toSatisfy(code("job_finished"));
  });

  it("go on after a failure without doing finished steps again", async () => {
    const calls: string[] = [];
    let broken = true;
    const pipeline = bookPipeline(calls, async ({ step }) => {
      if (step.index === 1 && broken) throw new InkwireError("output_invalid", "broken");
    });
    await using observed = openJobs({ pipelines: [pipeline] });
    const failed = await observed.run("write_book", { chapters: 3 });
    expect(failed.status).toBe("failed");
    broken = false;
    const resumed = await observed.jobs.resume(failed.id);
    expect(resumed).toMatchObject({ status: "queued", progress: failed.progress });
    expect(resumed.error).toBeUndefined();
    const done = await observed.jobs.wait(failed.id);
    expect(done).toMatchObject({ status: "completed", result: 600, progress: 100 });
    expect(observed.story).toContain("started again");
    expect(calls.filter((call) => call === "outline")).toHaveLength(1);
    expect(calls.filter((call) => call === "chapter 1")).toHaveLength(1);
    expect(calls.filter((call) => call === "chapter 2")).toHaveLength(2);
    const seen = observed.reports.map(({ job }) => job.progress);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("refuse a job of a newer pipeline, and leave it as it is", async () => {
    const home = createMemoryHome();
    const pipeline = (version: number) =>
      definePipeline("p", { version }, async () => {
        throw new InkwireError("output_invalid", "always");
      });
    await using newer = openJobs({ home, pipelines: [pipeline(2)] });
    const job = await newer.run("p");
    await using older = openJobs({ home, pipelines: [pipeline(1)] });
    await expect(older.jobs.resume(job.id)).rejects.toSatisfy(code("job_newer"));
    await home.storage.setItem(
      `jobs:${job.id}`,
      JSON.stringify({ v: 1, data: { ...job, status: "processing" } }),
    );
    expect(await older.jobs.recover()).toEqual([]);
    expect(older.errors).toSatisfy((errors: unknown[]) => code("job_newer")(errors[0]));
    expect(await older.jobs.get(job.id)).toMatchObject({ status: "processing", version: 2 });
  });

  it("name a damaged job, and go on with the others", async () => {
    const home = createMemoryHome();
    await using observed = openJobs({ home, pipelines: [bookPipeline()] });
    await observed.run("write_book", { chapters: 1 }, "good");
    await home.storage.setItem("jobs:bad", '{"v":1,"data":{"id":"bad","sta');
    await home.storage.setItem("jobs:odd", '{"v":1,"data":{"id":"odd","status":"dancing"}}');
    expect((await observed.jobs.list()).map(({ id }) => id)).toEqual(["good"]);
    expect(observed.errors.map(String)).toEqual([
      expect.stringContaining("jobs:bad"),
      expect.stringContaining("jobs:odd"),
    ]);
    await home.storage.setItem("jobs:third", "7");
    await expect(observed.jobs.get("third")).rejects.toSatisfy(code("record_damaged"));
  });

  it("do a step again whose checkpoint is damaged, and keep the damaged one", async () => {
    const home = createMemoryHome();
    const calls: string[] = [];
    let fail = true;
    const pipeline = bookPipeline(calls, async ({ step }) => {
      if (step.index === 2 && fail) throw new InkwireError("output_invalid", "broken");
    });
    await using observed = openJobs({ home, pipelines: [pipeline] });
    const { id } = await observed.run("write_book", { chapters: 3 });
    const [first = ""] = await home.storage.getKeys(`steps:${id}:chapter:0`);
    await home.storage.setItem(first, '{"v":1,"data":{"step":"chap');
    fail = false;
    await observed.jobs.resume(id);
    expect(await observed.jobs.wait(id)).toMatchObject({ status: "completed", result: 600 });
    expect(calls.filter((call) => call === "chapter 1")).toHaveLength(2);
    expect(calls.filter((call) => call === "chapter 2")).toHaveLength(1);
    expect(await home.storage.getKeys("quarantine")).toHaveLength(1);
  });

  it("let one job of a modest owner run soon, whatever a greedy one has in line", async () => {
    const order: string[] = [];
    const pipeline = definePipeline("p", {}, async (run) => order.push(run.owner));
    await using observed = openJobs({ pipelines: [pipeline], concurrency: 1 });
    const ids: string[] = [];
    for (let index = 0; index < 30; index++)
      ids.push((await observed.jobs.enqueue("p", {}, { owner: "greedy" })).id);
    const before = order.length;
    ids.push((await observed.jobs.enqueue("p", {}, { owner: "modest" })).id);
    await Promise.all(ids.map((id) => observed.jobs.wait(id)));
    expect(order.indexOf("modest")).toBeLessThanOrEqual(before + 2);
  });
});

describe("the look for what an earlier run saved", () => {
  function watchedHome() {
    const home = createMemoryHome();
    const looks: string[] = [];
    const getKeys = home.storage.getKeys.bind(home.storage);
    home.storage.getKeys = async (base, ...rest) => {
      if (base?.startsWith("steps") === true) looks.push(base);
      return getKeys(base, ...rest);
    };
    return { home, looks };
  }

  it("is left out for a job whose id was made just now", async () => {
    const { home, looks } = watchedHome();
    await using observed = openJobs({ home, pipelines: [bookPipeline()] });
    expect(await observed.run("write_book", { chapters: 2 })).toMatchObject({ result: 300 });
    expect(looks).toEqual([]);
  });

  it("is never left out for an id that somebody gave: its record may have been lost, and its steps paid for", async () => {
    const { home, looks } = watchedHome();
    const calls: string[] = [];
    {
      await using first = openJobs({ home, pipelines: [bookPipeline(calls)] });
      await first.run("write_book", { chapters: 2 }, "book-1");
    }
    await home.storage.removeItem("jobs:book-1");
    await using second = openJobs({ home, pipelines: [bookPipeline(calls)] });
    expect(await second.run("write_book", { chapters: 2 }, "book-1")).toMatchObject({
      result: 300,
    });
    expect(looks.length).toBeGreaterThanOrEqual(2);
    expect(calls).toHaveLength(4);
  });
});
