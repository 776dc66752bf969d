import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFailed } from "vitest";
import { definePipeline } from "../../src/pipeline/define.js";
import type { Job } from "../../src/pipeline/types.js";
import { openHome } from "../../src/storage/home.js";
import { ageLocks, askDatabase, keysInDatabase } from "../support/home-database.js";
import { openJobs } from "../support/open-jobs.js";
import { startSource, type SourceProcess } from "../support/source-process.js";
import { tempDirectory } from "../support/temp-directory.js";

const STEPS = [
  "outline",
  ...Array.from({ length: 9 }, (_, index) => `chapter/${index}`),
  "assemble",
];
const RESULT = STEPS.slice(1, -1).join(" ");

function createPlace() {
  const directory = tempDirectory();
  const home = join(directory.path, "home");
  const journal = join(directory.path, "journal");
  return {
    home,
    start: (stepMs: number) =>
      startSource("./processes/write-book.ts", import.meta.url, [
        home,
        journal,
        "9",
        String(stepMs),
      ]),
    journal: () =>
      readFileSync(journal, { encoding: "utf8", flag: "a+" })
        .trim()
        .split("\n")
        .filter((line) => line !== ""),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

/** The lines that a process says up to its last, which is the job. */
async function readEnd(process: SourceProcess): Promise<{ job: Job | undefined; said: string[] }> {
  const said: string[] = [];
  for (let line = await process.line(); line !== undefined; line = await process.line())
    said.push(line);
  const last = said.at(-1);
  return { job: last?.startsWith("{") === true ? (JSON.parse(last) as Job) : undefined, said };
}

/** Steps that began once more although they had been announced as done. */
function doneTwice(journal: readonly string[]): string[] {
  const done = new Set<string>();
  return journal.filter((line) => {
    const [event, step = ""] = line.split(" ");
    if (event === "done") done.add(step);
    return event === "begin" && done.has(step);
  });
}

describe("a job in a process that is killed", () => {
  it(
    "goes on in the next one, does no finished step twice, and ends as if nothing had happened",
    { timeout: 120_000 },
    async () => {
      using place = createPlace();
      const kills: number[] = [];
      onTestFailed(() => console.error(`killed after ${kills.join(", ")} ms`, place.journal()));
      let job: Job | undefined;
      for (let round = 0; round < 40 && job === undefined; round++) {
        await using writer = place.start(15);
        expect(await writer.line()).toBe("ready");
        if (round < 8) {
          const afterMs = Math.random() * 45;
          kills.push(afterMs);
          await sleep(afterMs);
          await writer.kill();
        }
        ({ job } = await readEnd(writer));
      }
      const journal = place.journal();
      expect(job).toMatchObject({ status: "completed", progress: 100, result: RESULT });
      expect(doneTwice(journal)).toEqual([]);
      // Each was done; the three at once that a kill meets may have to begin again.
      const begun = journal.filter((line) => line.startsWith("begin"));
      expect(new Set(begun)).toEqual(new Set(STEPS.map((step) => `begin ${step}`)));
      expect(begun.length).toBeLessThanOrEqual(STEPS.length + 3 * kills.length);
      expect(readdirSync(place.home).filter((name) => name !== "records")).toEqual([
        "home.json",
        "jobs.db",
      ]);
      const kinds = keysInDatabase(place.home).map((key) => key.split(":")[0]);
      expect([...new Set(kinds)]).toEqual(["jobs", "steps"]);
    },
  );
});

describe("a job that two processes want", () => {
  it("runs in one of them, and both learn its end", { timeout: 90_000 }, async () => {
    using place = createPlace();
    // Made here, so that both find it.
    const home = await openHome(place.home);
    const mine = openJobs({
      home,
      pipelines: [definePipeline("write_book", {}, async () => {})],
      queue: () => lineElsewhere,
    });
    await mine.jobs.enqueue("write_book", 9, { owner: "me", id: "book" });
    await using one = place.start(10);
    await using two = place.start(10);
    const ends = await Promise.all([readEnd(one), readEnd(two)]);
    const journal = place.journal();
    for (const { job } of ends) expect(job).toMatchObject({ status: "completed", result: RESULT });
    expect(journal.filter((line) => line.startsWith("begin")).toSorted()).toEqual(
      STEPS.map((step) => `begin ${step}`).toSorted(),
    );
    expect((await mine.jobs.wait("book")).status).toBe("completed");
    await mine.jobs.close();
  });

  it("goes on in the living one when the other is killed", { timeout: 60_000 }, async () => {
    using place = createPlace();
    const done: string[] = [];
    const home = await openHome(place.home);
    const pipeline = definePipeline("write_book", {}, async (run, count: number) => {
      await run.step("outline", { input: count }, async () => done.push("outline"));
      return "finished here";
    });
    // It looks for the first time when there is nothing to find.
    await using mine = openJobs({ home, pipelines: [pipeline] });
    expect(await mine.jobs.recover({ everyMs: 50 })).toEqual([]);
    await using writer = place.start(200);
    await expect.poll(() => place.journal()).toContain("begin chapter/0");
    await sleep(300);
    expect(mine.story).toEqual([]);
    await writer.kill();
    await expect.poll(() => mine.story).toContain("started again");
    expect(await mine.jobs.wait("book")).toMatchObject({ result: "finished here" });
    // The checkpoint of the other one counts here as well.
    expect(done).toEqual([]);
    await expect(mine.jobs.recover({ everyMs: 5 })).rejects.toThrow("everyMs");
  });

  it(
    "is refused to the one that slept while the other took over",
    { timeout: 90_000 },
    async () => {
      using place = createPlace();
      await using sleeper = place.start(100);
      expect(await sleeper.line()).toBe("ready");
      await expect.poll(() => place.journal(), { timeout: 30_000 }).toContain("begin chapter/0");
      sleeper.child.kill("SIGSTOP");
      const checkpoints = () => keysInDatabase(place.home, "steps:book:chapter:");
      // As if it had slept for longer than its lease lives.
      ageLocks(place.home);

      await using successor = place.start(1);
      const { job } = await readEnd(successor);
      expect(job).toMatchObject({ status: "completed", result: RESULT });
      const stored = () =>
        askDatabase(place.home, "select value from records where key = ?", "jobs:book");
      const record = stored();
      const before = checkpoints().length;
      const journal = place.journal();

      sleeper.child.kill("SIGCONT");
      const { said } = await readEnd(sleeper);
      expect(said).toContain("lease_lost");
      expect(said).toContain("interrupted");
      expect(record).toHaveLength(1);
      expect(stored()).toEqual(record);
      expect(checkpoints()).toHaveLength(before);
      // It announced nothing of what it did in vain.
      expect(place.journal().filter((line) => line.startsWith("done"))).toEqual(
        journal.filter((line) => line.startsWith("done")),
      );
    },
  );
});

/** A line of jobs that others run: for a process that only asks. */
const lineElsewhere = {
  enqueue: async () => {},
  withdraw: () => false,
  stats: () => ({ waiting: 0, running: 0 }),
  close: async () => {},
};
