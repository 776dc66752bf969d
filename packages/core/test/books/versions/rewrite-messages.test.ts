import { expect, it } from "vitest";
import { createRewriteReporter } from "../../../src/books/versions/rewrite-messages.js";
import type { Job } from "../../../src/pipeline/types.js";
import type { BookGenerationUpdate } from "../../../src/protocol/index.js";

const clock = Date.parse("2026-11-25T12:00:00Z");
const job: Job = {
  id: "book-7-chapter-2-v3",
  pipeline: "rewrite_chapter",
  version: 1,
  owner: "ada",
  priority: 0,
  input: { bookId: 7, title: "Tides", chapters: 3, chapter: 2, version: 3 },
  status: "processing",
  progress: 40,
  createdAt: "2026-11-25T11:00:00Z",
  updatedAt: "2026-11-25T11:00:00Z",
};
const place = { jobId: job.id, step: { name: "chapter", index: 1, count: 3 } };

function open() {
  const said: BookGenerationUpdate[] = [];
  const reporter = createRewriteReporter({
    publisher: {
      publish: async (_: string, __: string, data: unknown) => {
        said.push(data as BookGenerationUpdate);
      },
    } as never,
    totalOf: () => undefined,
    now: () => clock,
  });
  return { reporter, said };
}

it("tells the wait of a chapter that is written again for its provider, unless it is over before it is read", () => {
  const { reporter, said } = open();
  reporter.waits(place, 20_000);
  expect(said).toEqual([]);
  reporter.report({ type: "started", job, resumed: false });
  reporter.waits(place, 900);
  expect(said).toHaveLength(1);
  reporter.waits(place, 12_000);
  expect(said.at(-1)).toMatchObject({
    task_id: job.id,
    progress: 40,
    message: "Chapter 2: the provider's budget is used up, going on in 12 s",
    current_step: "chapter 2",
    retry_at: "2026-11-25T12:00:12.000Z",
  });
});

it("tells what was mended in it, and nothing once it has ended", () => {
  const { reporter, said } = open();
  reporter.report({ type: "started", job, resumed: false });
  const repair = { kind: "length", message: "the model reached its length limit, it goes on" };
  reporter.repaired(place, repair as never);
  expect(said.at(-1)?.message).toBe("Chapter 2: the model reached its length limit, it goes on");
  reporter.report({ type: "completed", job: { ...job, status: "completed", progress: 100 } });
  reporter.repaired(place, repair as never);
  reporter.waits(place, 5_000);
  expect(said.map(({ status }) => status)).toEqual(["processing", "processing", "completed"]);
});
