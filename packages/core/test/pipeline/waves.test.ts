import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import { InkwireError } from "../../src/protocol/index.js";
import { openJobs } from "../support/open-jobs.js";

/** Items that wait for others, and what each of them takes from those; `slow` says how long each takes. */
function waves(
  after: Readonly<Record<number, readonly number[]>>,
  log: string[],
  slow: Readonly<Record<number, number>> = {},
  fail?: number,
) {
  return definePipeline("waves", {}, (run) =>
    run.map<number, string>(
      "item",
      [0, 1, 2, 3, 4],
      {
        concurrency: 3,
        after: (item) => after[item] ?? [],
        input: (item, _, done) => [item, (after[item] ?? []).map(done)],
      },
      async (item, _, done) => {
        log.push(`+${item}`);
        await delay(slow[item] ?? 0);
        if (item === fail) throw new InkwireError("author_refused_key", "refused");
        log.push(`-${item}`);
        return `${item}(${(after[item] ?? []).map(done).join()})`;
      },
    ),
  );
}

describe("items that wait for others", () => {
  it("begin when those are done, and get their results", async () => {
    const log: string[] = [];
    await using observed = openJobs({ pipelines: [waves({ 1: [0], 3: [1], 4: [0, 2] }, log)] });
    const job = await observed.run("waves");
    expect(job.result).toEqual(["0()", "1(0())", "2()", "3(1(0()))", "4(0(),2())"]);
    for (const [first, then] of [
      ["-0", "+1"],
      ["-1", "+3"],
      ["-2", "+4"],
    ] as const) {
      expect(log.indexOf(first)).toBeLessThan(log.indexOf(then));
    }
    // What waits for nobody did not wait.
    expect(log.indexOf("+2")).toBeLessThan(log.indexOf("-0"));
  });

  it("are the same to a rerun whatever order the others ended in", async () => {
    const log: string[] = [];
    const after = { 2: [0, 1], 3: [2], 4: [1] };
    await using observed = openJobs({
      pipelines: [waves(after, log, { 0: 30, 1: 1 }, 3)],
    });
    const { id } = await observed.run("waves");
    const begun = log.filter((line) => line.startsWith("+"));
    expect(begun).toContain("+3");
    await observed.jobs.close();
    await using again = openJobs({
      home: observed.home,
      pipelines: [waves(after, log, { 0: 1, 1: 30 })],
    });
    await again.jobs.resume(id);
    const job = await again.jobs.wait(id);
    expect(job).toMatchObject({ status: "completed" });
    const more = log.filter((line) => line.startsWith("+")).slice(begun.length);
    expect(more).toEqual(["+3"]);
  });

  it("never begin after an error of one they wait for", async () => {
    const log: string[] = [];
    await using observed = openJobs({
      pipelines: [waves({ 1: [0], 2: [0], 3: [0], 4: [3] }, log, {}, 0)],
    });
    expect(await observed.run("waves")).toMatchObject({ status: "failed" });
    expect(log).toEqual(["+0"]);
  });

  it.each([
    ["itself", { 1: [1] }],
    ["a later one", { 1: [3] }],
    ["none", { 1: [-1] }],
  ])("may not wait for %s", async (_, after) => {
    await using observed = openJobs({ pipelines: [waves(after, [])] });
    expect(await observed.run("waves")).toMatchObject({
      status: "failed",
      error: { code: "invalid_option" },
    });
  });
});
