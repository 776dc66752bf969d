import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openBooksRoom } from "./support/books-room.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const support = fileURLToPath(new URL("support", import.meta.url));

function start(home: string, journal: string, pauseMs: number): ChildProcess {
  const hooks = new URL("support/source-hooks.mjs", import.meta.url).href;
  const program = join(support, "writer-process.ts");
  return spawn(process.execPath, ["--import", hooks, program, home, journal, `${pauseMs}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function output(
  child: ChildProcess,
): Promise<{ status: string; epub: string; markdown: string }> {
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await once(child, "close");
  return JSON.parse(text) as { status: string; epub: string; markdown: string };
}

function linesOf(journal: string): string[] {
  try {
    return readFileSync(journal, "utf8").trim().split("\n");
  } catch {
    return [];
  }
}

async function killWhen(
  child: ChildProcess,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const ended = once(child, "exit");
  await expect.poll(condition, { timeout: 15_000, interval: 10 }).toBe(true);
  child.kill("SIGKILL");
  const [, signal] = (await ended) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
}

it("goes on after SIGKILL: no finished chapter is asked for again, and the book is the same to the byte", async () => {
  await using whole = await openBooksRoom(() => createScriptedAuthor());
  await using torn = await openBooksRoom(() => createScriptedAuthor());
  const wholeJournal = join(whole.directory, "journal.txt");
  const tornJournal = join(torn.directory, "journal.txt");
  const expected = output(start(whole.directory, wholeJournal, 0));

  const finished = async (): Promise<string[]> => {
    const [book] = await torn.books.list("ada");
    const done = book?.chapters.filter((chapter) => chapter.state === "done") ?? [];
    return done.map((chapter) => `${chapter.number}`);
  };
  let before: string[] = [];
  let asked = 0;
  for (const chaptersDone of [1, 4]) {
    const child = start(torn.directory, tornJournal, 2);
    await killWhen(child, async () => (await finished()).length >= chaptersDone);
    expect(
      linesOf(tornJournal)
        .slice(asked)
        .filter((line) => before.includes(line)),
    ).toEqual([]);
    asked = linesOf(tornJournal).length;
    before = await finished();
    expect(await torn.books.get("ada", 1)).toMatchObject({ stopped: true, error: undefined });
  }

  const resumed = await output(start(torn.directory, tornJournal, 0));
  expect(
    linesOf(tornJournal)
      .slice(asked)
      .filter((line) => line === "outline" || before.includes(line)),
  ).toEqual([]);
  expect(resumed).toMatchObject({ status: "completed" });
  expect(resumed).toEqual(await expected);
  expect(linesOf(wholeJournal)).toHaveLength(9);
  expect(await torn.books.get("ada", 1)).toMatchObject({
    status: "completed",
    stopped: false,
    progress: 100,
  });
});
