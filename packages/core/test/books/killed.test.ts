import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openBooksRoom } from "./support/books-room.js";
import { startBookProcess } from "./support/killed-book.js";
import { createScriptedAuthor } from "./support/scripted-author.js";
import { startStoryServer } from "./support/story-server.js";
import { makeStory } from "./support/story.js";

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

it("goes on inside an outline: only the chapters that it lacks are asked for, and what was lost is counted", async () => {
  const story = makeStory(4, 2);
  await using server = await startStoryServer(story, { silentAfter: 3, pauseMs: 0 });
  await using room = await openBooksRoom(() => createScriptedAuthor());
  const start = () =>
    startBookProcess({
      home: room.directory,
      messages: join(room.directory, "messages.jsonl"),
      baseUrl: server.baseUrl,
      model: "story",
      chapters: 4,
      words: story.words * 4,
    });
  const killed = start();
  const draft = join(room.directory, "drafts/1/0.jsonl");
  await expect
    .poll(() => linesOf(draft).join("\n"), { interval: 10 })
    .toContain("part 3 come home");
  await killed.kill();

  const end = await start().end();
  expect(end).toMatchObject({ status: "completed", texts: story.chapters });
  expect(server.outlines).toBe(1);
  expect(server.outlineParts).toEqual(["4"]);
  const { ledger, chapters } = await room.books.get("ada", 1);
  expect(chapters.map(({ title }) => title)).toEqual(["Part 1", "Part 2", "Part 3", "Part 4"]);
  const planning = ledger.parts.find(({ step }) => step === "outline");
  expect(planning?.requests.map(({ outcome }) => outcome)).toEqual(["lost", "finished"]);
  expect(planning?.requests[0]).toMatchObject({ estimated: true });
  expect(planning?.repairs.map(({ kind }) => kind)).toEqual(["resumed"]);
  expect(linesOf(draft)).toEqual([]);
});
