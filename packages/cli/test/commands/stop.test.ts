import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createSandbox,
  ensureBuilt,
  jsonLines,
  resultOf,
  type Running,
  type Sandbox,
} from "../support/cli.js";

beforeAll(ensureBuilt, 120_000);

/** A book of three rounds of chapters side by side, two seconds each, or ten where the test needs all of them. */
const args = ["create", "Slow", "--author", "offline", "--chapters", "9"];

async function startWriting(
  box: Sandbox,
  more: readonly string[] = [],
  wordsPerSecond = 300,
): Promise<Running> {
  const running = box.start([...args, ...more], { env: { INKWIRE_PACE: `${wordsPerSecond}` } });
  // Whichever of those at once is told first: on a busy machine a line may be of the next already.
  await running.said("Writing chapter ");
  return running;
}

describe.concurrent("a stop", () => {
  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "by %s saves what is written and says how to go on, which then works",
    async (signal) => {
      using box = createSandbox();
      const { child, ended } = await startWriting(box);
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
      expect(stderr).toContain("saving what is written");
      expect(stderr).toContain("inkwire resume 1");
      expect(existsSync(join(box.cwd, "books/slow"))).toBe(false);
      const resumed = await box.run(["resume"]);
      expect(resumed.stderr).toContain("Going on with book 1");
      expect(resumed).toMatchObject({ code: 0, stdout: "books/slow/slow.epub\n" });
    },
  );

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "by %s twice ends at once with %i, and a resume still works",
    async (signal, code) => {
      using box = createSandbox();
      const { child, ended, said } = await startWriting(box, [], 60);
      child.kill(signal);
      await said("saving what is written");
      await new Promise((resolve) => setTimeout(resolve, 300));
      child.kill(signal);
      expect((await ended).code).toBe(code);
      expect((await box.run(["resume", "1"])).code).toBe(0);
    },
  );

  it("by SIGKILL loses nothing: a resume ends with 0, and saves where it was told to", async ({
    expect,
  }) => {
    using box = createSandbox();
    const { child, ended } = await startWriting(box, ["--out", "here", "--format", "markdown"]);
    const draft = join(box.home, "drafts/1/1.jsonl");
    await expect.poll(() => existsSync(draft) && readFileSync(draft, "utf8")).toContain('"text"');
    child.kill("SIGKILL");
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
    expect((await box.run(["show", "1"])).stdout).toMatch(/begun {4}1\. .* words/);
    expect((await box.run(["read", "1"])).stdout).toContain("*(not finished)*");
    const { code, stdout, stderr } = await box.run(["resume"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "here/slow.md\n" });
    expect(stderr).toContain("Going on with book 1");
    expect(readdirSync(join(box.cwd, "here")).sort()).toEqual(["slow.json", "slow.md"]);
    const again = await box.run(["resume"]);
    expect(again).toMatchObject({ code: 0, stdout: "" });
    expect(again.stderr).toContain("no book to go on with");
  });

  it("is in the result of --json too", async () => {
    using box = createSandbox();
    const { child, ended } = await startWriting(box, ["--json"]);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 3, stderr: "" });
    expect(resultOf(stdout)).toMatchObject({
      book_id: 1,
      status: "interrupted",
      exit_code: 3,
      resume: "inkwire resume 1",
    });
  });

  it("comes of a reader of --json that goes away, quietly, and the book can go on", async () => {
    using box = createSandbox();
    const { child, ended } = await startWriting(box, ["--json"]);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 3, stderr: "" });
    expect((await box.run(["resume", "-q"])).code).toBe(0);
  });
});

describe.concurrent("a book that another process writes", () => {
  it("is shown as being written, is not resumed twice, and can be cancelled from here", async () => {
    using box = createSandbox();
    const writer = await startWriting(box, [], 60);
    // Written down with the first progress.
    await expect
      .poll(async () => jsonLines((await box.run(["show", "1", "--json"])).stdout), {
        timeout: 30_000,
      })
      .toMatchObject([{ status: "processing", stopped: false }]);
    const resumed = await box.run(["resume", "1"]);
    expect(resumed.code).toBe(1);
    expect(resumed.stderr).toContain("another process");
    expect((await box.run(["resume"])).stderr).toContain("no book to go on with");
    const deleted = await box.run(["delete", "1", "--yes"]);
    expect(deleted.code).toBe(1);
    expect(deleted.stderr).toMatch(/^error: /m);

    const cancelled = await box.run(["cancel", "1"]);
    expect(cancelled.code).toBe(0);
    expect(cancelled.stderr).toContain("Cancelled book 1");
    const { code, stderr } = await writer.ended;
    expect(code).toBe(3);
    expect(stderr).toContain("inkwire resume 1");
    expect((await box.run(["resume"])).stderr).toContain("no book to go on with");
    expect((await box.run(["resume", "1"])).code).toBe(0);
  });
});

describe.concurrent("resume", () => {
  it("saves a finished book again where it is named", async () => {
    using box = createSandbox();
    await box.run(["create", "Quick", "--author", "offline", "--chapters", "1", "-q"]);
    const { code, stdout } = await box.run(["resume", "1", "--out", "again", "--format", "html"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "again/quick.html\n" });
  });

  it("names the other books that could go on", async () => {
    using box = createSandbox();
    for (let book = 0; book < 2; book += 1) {
      const { child, ended } = await startWriting(box);
      child.kill("SIGKILL");
      await ended;
    }
    const { code, stderr } = await box.run(["resume"]);
    expect(code).toBe(0);
    expect(stderr).toContain("Going on with book 2");
    expect(stderr).toContain("inkwire resume 1");
  });
});
