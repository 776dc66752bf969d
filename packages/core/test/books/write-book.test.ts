import { expect, it } from "vitest";
import { createDrafts } from "../../src/books/drafts.js";
import type { Author } from "../../src/books/authors/author.js";
import type { BookRequest, Outline } from "../../src/books/types.js";
import { createWriteBook, type BookSummary } from "../../src/books/write-book.js";
import { WRITE_BOOK } from "../../src/books/write-book-input.js";
import { createJobs } from "../../src/pipeline/jobs.js";
import type { Job, JobReport, Jobs } from "../../src/pipeline/types.js";
import { createMemoryHome } from "../../src/storage/home.js";
import { createScriptedAuthor } from "./support/scripted-author.js";

const request: BookRequest = {
  title: "Tides",
  brief: "",
  chapters: 3,
  words: 600,
  language: "en",
  author: "scripted:one",
};
const input = { bookId: 1, title: "Tides", chapters: 3 };

interface Room {
  readonly jobs: Jobs;
  readonly reports: JobReport[];
  author: Author;
  request: BookRequest;
}

function makeRoom(author: Author, maxConcurrency?: number): Room {
  const reports: JobReport[] = [];
  const home = createMemoryHome();
  const pipeline = createWriteBook({
    publisher: { publish: async () => {}, settled: async () => {} },
    drafts: createDrafts(home, { onProblem: (problem) => expect.unreachable(String(problem)) }),
    onWords: () => {},
    loadRequest: async () => room.request,
    resolveAuthor: async () => room.author,
    maxConcurrency,
    retry: { baseMs: 1, capMs: 2, maxAttempts: 3 },
  });
  const jobs = createJobs({
    home,
    pipelines: [pipeline],
    onReport: (report) => reports.push(report),
    onError: () => {},
  });
  const room: Room = { jobs, reports, author, request };
  return room;
}

async function run({ jobs }: Room): Promise<Job> {
  const known = await jobs.get("book-1");
  await (known === undefined
    ? jobs.enqueue(WRITE_BOOK, input, { owner: "ada", id: "book-1" })
    : jobs.resume("book-1"));
  return jobs.wait("book-1");
}

/** An author whose last chapter is refused, so that the job can be resumed. */
function failing(calls: string[], id: string): Author {
  const before = (chapter: number): void => {
    if (chapter === 3) throw new Error("no third chapter");
  };
  return createScriptedAuthor({ calls, id, before });
}

it("gives back a summary; the texts stay in the checkpoints", async () => {
  const room = makeRoom(createScriptedAuthor());
  const { result } = await run(room);
  expect(result).toEqual({
    chapters: 3,
    words: 3 * 340,
    usage: { inputTokens: 30, outputTokens: 120, estimated: false },
  } satisfies BookSummary);
  const saved = await room.jobs.checkpoints("book-1");
  expect([...saved.keys()].toSorted()).toEqual([
    "assemble",
    "chapter/0",
    "chapter/1",
    "chapter/2",
    "outline",
  ]);
});

it("weighs a chapter eight times an outline", async () => {
  const room = makeRoom(createScriptedAuthor());
  await run(room);
  const done = room.reports.filter((report) => report.type === "step_finished");
  expect(done.map((report) => Math.round(report.job.progress))).toEqual([4, 35, 65, 96, 100]);
});

it("takes the outline and the finished chapters from the same author's earlier run", async () => {
  const calls: string[] = [];
  const room = makeRoom(failing(calls, "scripted:one"));
  expect((await run(room)).status).toBe("failed");
  room.author = createScriptedAuthor({ calls, id: "scripted:one" });
  expect((await run(room)).status).toBe("completed");
  expect(calls).toEqual(["outline", "1", "2", "3", "3"]);
});

it("lets another author fill the same outline, with chapters of its own", async () => {
  const calls: string[] = [];
  const room = makeRoom(failing(calls, "scripted:one"));
  await run(room);
  room.author = createScriptedAuthor({ calls, id: "scripted:two" });
  await run(room);
  expect(calls).toEqual(["outline", "1", "2", "3", "1", "2", "3"]);
});

it("plans anew when the request is another one", async () => {
  const calls: string[] = [];
  const room = makeRoom(failing(calls, "scripted:one"));
  await run(room);
  room.author = createScriptedAuthor({ calls });
  room.request = { ...request, brief: "In winter." };
  await run(room);
  expect(calls.filter((call) => call === "outline")).toHaveLength(2);
});

it.each([
  [
    "too few chapters",
    (outline: Outline): Outline => ({ ...outline, chapters: outline.chapters.slice(1) }),
  ],
  ["none", (outline: Outline): Outline => ({ ...outline, chapters: [] })],
  [
    "a number twice",
    (outline: Outline): Outline => ({
      ...outline,
      chapters: outline.chapters.map((chapter) => ({ ...chapter, number: 1 })),
    }),
  ],
])("asks again for an outline with %s, and then gives up", async (_, spoil) => {
  const calls: string[] = [];
  const author = createScriptedAuthor({ calls });
  const room = makeRoom({
    ...author,
    outline: async (...args) => spoil(await author.outline(...args)),
  });
  expect(await run(room)).toMatchObject({
    status: "failed",
    error: { code: "output_invalid", retryable: true },
  });
  expect(calls).toEqual(["outline", "outline", "outline"]);
});

it("cleans and cuts the titles of an outline, and fills empty ones", async () => {
  const author = createScriptedAuthor();
  const room = makeRoom({
    ...author,
    async outline(...args) {
      const outline = await author.outline(...args);
      const titles = ["\u001b[2JThe\nHarbour", " \u0000 ", "😀".repeat(1_000)];
      const rows = titles.map((title, index) => ({
        number: index + 1,
        title,
        summary: "",
        words: Number.NaN,
      }));
      return { ...outline, chapters: rows };
    },
  });
  await run(room);
  const outline = (await room.jobs.checkpoints("book-1")).get("outline") as Outline;
  expect(outline.chapters.map((chapter) => chapter.title.slice(0, 20))).toEqual([
    "[2JThe Harbour",
    "Chapter 2",
    "😀".repeat(10),
  ]);
  expect(outline.chapters[2]?.title.length).toBeLessThanOrEqual(300);
  expect(outline.chapters[2]?.title.isWellFormed()).toBe(true);
  expect(outline.chapters.map((chapter) => chapter.words)).toEqual([1, 1, 1]);
});

it.each([
  { concurrency: 1, max: undefined, seen: 1 },
  { concurrency: 2, max: undefined, seen: 2 },
  { concurrency: 100, max: undefined, seen: 3 },
  { concurrency: 100, max: 1, seen: 1 },
  { concurrency: 0, max: undefined, seen: 1 },
])(
  "writes as many chapters at once as author ($concurrency) and limit ($max) allow",
  async ({ concurrency, max, seen }) => {
    let now = 0;
    let most = 0;
    const room = makeRoom(
      createScriptedAuthor({
        concurrency,
        pauseMs: 1,
        pieces: () => ["one ", "two ", "three"],
        before: () => void (most = Math.max(most, (now += 1))),
        after: () => void (now -= 1),
      }),
      max,
    );
    await run(room);
    expect(most).toBe(seen);
  },
);
