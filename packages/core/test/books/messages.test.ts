import * as fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { createBookReporter, type BookReporter } from "../../src/books/messages.js";
import type { BookPublisher } from "../../src/books/publisher.js";
import { WRITE_BOOK } from "../../src/books/write-book-input.js";
import type { Job, JobReport } from "../../src/pipeline/types.js";
import {
  bookMessages,
  type BookGenerationUpdate,
  type ChapterText,
  type NotificationData,
  type WireError,
} from "../../src/protocol/index.js";

type Published = { readonly topic: string; readonly type: string; readonly data: unknown };

const start = Date.parse("2026-01-02T03:04:05.000Z");
let clock: number;
let published: Published[];
let reporter: BookReporter;

beforeEach(() => {
  clock = start;
  published = [];
  const publisher: BookPublisher = {
    async publish(topic, type, data) {
      const { issues } = bookMessages[type].schema["~standard"].validate(data) as {
        issues?: unknown;
      };
      expect({ data, issues }).toEqual({ data, issues: undefined });
      published.push({ topic, type, data });
    },
    settled: async () => {},
  };
  reporter = createBookReporter({ publisher, now: () => clock });
});

const titles = ["The Harbour", "The Storm", "The Causeway", "The Return"];
const outline = {
  title: "Tides",
  premise: "",
  chapters: titles.map((title, index) => ({ number: index + 1, title, summary: "", words: 1_000 })),
};

function job(changes: Partial<Job> = {}): Job {
  const time = new Date(clock).toISOString();
  return {
    id: "book-7",
    pipeline: WRITE_BOOK,
    version: 1,
    owner: "42",
    priority: 0,
    input: { bookId: 7, title: "Tides", chapters: titles.length },
    status: "processing",
    progress: 10,
    createdAt: time,
    updatedAt: time,
    ...changes,
  };
}

type Told = JobReport extends infer R ? (R extends unknown ? Omit<R, "job"> : never) : never;

function tell(report: Told, changes?: Partial<Job>): void {
  reporter.report({ ...report, job: job(changes) });
}

const step = (index: number) => ({ name: "chapter", index, count: titles.length });
const updates = () =>
  published
    .filter(({ type }) => type === "book_generation_update")
    .map(({ data }) => data as BookGenerationUpdate);
const last = () => updates().at(-1);
const outlined = () =>
  tell({ type: "step_finished", step: { name: "outline" }, cached: false, value: outline });
const chapter = (index: number, words = 1_000) => ({
  number: index + 1,
  title: titles[index] ?? "",
  text: "word ".repeat(words),
  words,
  usage: { inputTokens: 100, outputTokens: 2 * words, estimated: false },
});
const finish = (index: number, cached = false, words?: number) =>
  tell({ type: "step_finished", step: step(index), cached, value: chapter(index, words) });

it("tells the owner of each state with the fields of the original", () => {
  tell({ type: "queued" }, { status: "queued", progress: 0 });
  expect(published).toEqual([
    {
      topic: "user/42",
      type: "book_generation_update",
      data: {
        book_id: 7,
        task_id: "book-7",
        status: "queued",
        progress: 0,
        message: "Waiting for its turn",
        book_title: "Tides",
      },
    },
  ]);
});

it("names the chapter that is being written, and its place among the steps", () => {
  outlined();
  tell({ type: "step_started", step: step(2), attempt: 1 });
  expect(last()).toMatchObject({
    status: "processing",
    message: "Writing chapter 3 of 4: The Causeway",
    current_step: "chapter 3",
    step_index: 4,
    step_count: 6,
  });
  tell({ type: "step_started", step: { name: "assemble" }, attempt: 1 });
  expect(last()).toMatchObject({ current_step: "assemble", step_index: 6, step_count: 6 });
});

it("says why a chapter is tried again, and when", () => {
  const error: WireError = {
    code: "provider_busy",
    message: "429 from the provider",
    retryable: true,
  };
  const retryAt = new Date(clock + 4_000).toISOString();
  tell({ type: "retrying", step: step(2), attempt: 2, maxAttempts: 5, retryAt, error });
  expect(last()).toMatchObject({
    message: "Chapter 3: the provider is busy, trying again in 4 s (2 of 5)",
    attempt: 2,
    retry_at: retryAt,
    error,
    status: "processing",
  });
});

it("keeps an error's own words where it has no better ones", () => {
  const error: WireError = {
    code: "disk_full",
    message: "Could not write x: the disk is full.",
    retryable: true,
  };
  tell({
    type: "retrying",
    step: { name: "outline" },
    attempt: 3,
    maxAttempts: 5,
    retryAt: new Date(clock).toISOString(),
    error,
  });
  expect(last()?.message).toBe(
    "Outline: Could not write x: the disk is full, trying again now (3 of 5)",
  );
});

it("never goes back, and says 100 only of what is complete", () => {
  const seen = [12.34, 55.5, 40, 99.99].map((progress) => {
    clock += 1_000;
    tell({ type: "step_progress", step: step(0) }, { progress });
    return last()?.progress;
  });
  expect(seen).toEqual([12.3, 55.5, 55.5, 99.9]);
  tell({ type: "completed" }, { status: "completed", progress: 100 });
  expect(last()?.progress).toBe(100);
});

it("passes on at most four progress reports a second, but every step", () => {
  for (let index = 0; index < 100; index += 1) {
    clock += 10;
    tell({ type: "step_progress", step: step(0) }, { progress: index });
  }
  expect(updates().length).toBeLessThanOrEqual(5);
  const before = updates().length;
  for (const index of titles.keys()) tell({ type: "step_started", step: step(index), attempt: 1 });
  expect(updates()).toHaveLength(before + titles.length);
});

it("counts words of finished and unfinished chapters, and tokens of finished ones", () => {
  outlined();
  finish(0);
  tell({ type: "step_started", step: step(1), attempt: 1 });
  reporter.wrote("book-7", 2, 250);
  clock += 1_000;
  tell({ type: "step_progress", step: step(1) });
  expect(last()).toMatchObject({ words: 1_250, tokens: 2_100 });
});

it("forgets the words of an attempt that begins anew", () => {
  outlined();
  tell({ type: "step_started", step: step(0), attempt: 1 });
  reporter.wrote("book-7", 1, 250);
  tell({ type: "step_started", step: step(0), attempt: 2 });
  expect(last()).not.toHaveProperty("words");
  expect(last()?.attempt).toBe(2);
});

it("gives an estimate once two chapters were measured, not before, and not from what was there already", () => {
  outlined();
  finish(0, true);
  tell({ type: "step_started", step: step(1), attempt: 1 });
  clock += 10_000;
  finish(1);
  expect(last()).not.toHaveProperty("eta_seconds");
  tell({ type: "step_started", step: step(2), attempt: 1 });
  clock += 10_000;
  finish(2);
  // Two chapters of 1,000 words took 20 s, and one is left.
  expect(last()?.eta_seconds).toBe(10);
  tell({ type: "interrupted" });
  expect(last()?.status).toBe("processing");
  expect(last()?.message).toMatch(/resume/);
});

it("gives an estimate from one long chapter after twenty seconds", () => {
  outlined();
  tell({ type: "step_started", step: step(0), attempt: 1 });
  clock += 25_000;
  reporter.wrote("book-7", 1, 500);
  tell({ type: "step_progress", step: step(0) });
  expect(last()?.eta_seconds).toBe(175);
});

it("says that a chapter's text is whole only when its step is finished", () => {
  finish(2, false, 3);
  const texts = published.filter(({ type }) => type === "chapter_text");
  expect(texts).toEqual([
    {
      topic: "book/7",
      type: "chapter_text",
      data: { book_id: 7, chapter: 3, offset: 15, text: "", done: true } satisfies ChapterText,
    },
  ]);
});

it("ends with a notification that leads to the book", () => {
  outlined();
  for (const index of titles.keys()) finish(index);
  tell({ type: "completed" }, { status: "completed", progress: 100 });
  expect(last()).toMatchObject({
    status: "completed",
    progress: 100,
    message: "Done: 4 chapters, 4,000 words",
    words: 4_000,
  });
  expect(published.at(-1)).toEqual({
    topic: "user/42",
    type: "notification",
    data: {
      id: expect.stringMatching(/^book-7-completed-[a-z0-9]+$/),
      title: "Your book is ready",
      message: "“Tides” is complete.",
      type: "success",
      kind: "book",
      action_url: "/books/7",
      created_at: "2026-01-02T03:04:05.000Z",
    } satisfies Omit<NotificationData, "id"> & { id: unknown },
  });
});

it("says which chapter failed and why, with an error that clients can switch on", () => {
  const error: WireError = {
    code: "author_refused_key",
    message: "The provider refused the key.",
    retryable: false,
  };
  tell({ type: "failed", step: step(2), error }, { status: "failed", error });
  expect(last()).toMatchObject({
    status: "failed",
    message: "Chapter 3: The provider refused the key.",
    error,
    current_step: "chapter 3",
  });
  expect(published.at(-1)).toMatchObject({
    type: "notification",
    data: { type: "error", kind: "book" },
  });
});

it("says that a cancelled book keeps what it has", () => {
  tell({ type: "cancelled" }, { status: "cancelled" });
  expect(last()).toMatchObject({
    status: "cancelled",
    message: "Cancelled; what is written is kept",
  });
  expect(published).toHaveLength(1);
});

it("leaves other pipelines alone", () => {
  tell({ type: "queued" }, { pipeline: "thumbnails" });
  tell({ type: "queued" }, { input: { something: "else" } });
  expect(published).toEqual([]);
});

it("publishes only what fits the catalog, however long and hostile the texts are", () => {
  const text = fc.string({ unit: "binary", maxLength: 5_000 });
  fc.assert(
    fc.property(
      text,
      text,
      fc.double({ noNaN: true, min: -5, max: 105 }),
      (title, message, progress) => {
        const error: WireError = { code: "provider_failed", message, retryable: true };
        const long = { ...outline, chapters: [{ number: 1, title, summary: "", words: 1_000 }] };
        tell(
          { type: "step_finished", step: { name: "outline" }, cached: false, value: long },
          { progress },
        );
        tell({ type: "step_started", step: step(0), attempt: 1 }, { progress });
        const retryAt = new Date(clock + 1e12).toISOString();
        tell({ type: "retrying", step: step(0), attempt: 2, maxAttempts: 5, retryAt, error });
        tell({ type: "failed", step: step(0), error }, { status: "failed", progress });
      },
    ),
    { numRuns: 30 },
  );
  expect(published.length).toBeGreaterThan(0);
});

it("says that a step waits for its provider, and until when; not where the wait is over before it is read", () => {
  reporter.report({ type: "started", job: job(), resumed: false });
  const place = { jobId: "book-7", step: { name: "chapter", index: 2, count: 4 } };
  const before = published.length;
  reporter.waits(place, 900);
  reporter.waits({ ...place, jobId: "book-8" }, 20_000);
  expect(published).toHaveLength(before);
  reporter.waits(place, 12_000);
  expect(published.at(-1)?.data).toMatchObject({
    status: "processing",
    message: "Chapter 3: the provider's budget is used up, going on in 12 s",
    current_step: "chapter 3",
    retry_at: new Date(clock + 12_000).toISOString(),
  });
});
