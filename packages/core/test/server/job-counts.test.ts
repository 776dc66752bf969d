import { expect, it } from "vitest";
import type { BookGenerationUpdate } from "../../src/protocol/index.js";
import { createJobCounts } from "../../src/server/job-counts.js";

const update = (task: string, more: Partial<BookGenerationUpdate>): BookGenerationUpdate => ({
  book_id: 1,
  task_id: task,
  status: "processing",
  progress: 1,
  message: "",
  ...more,
});

it("counts what waits and runs here, and neither what has ended nor what waits for a resume", () => {
  const counts = createJobCounts();
  counts.take(update("a", { status: "queued" }));
  counts.take(update("b", {}));
  counts.take(update("c", {}));
  expect(counts.now()).toMatchObject({ queued: 1, processing: 2 });
  counts.take(update("b", { paused: { code: "paused", message: "", retryable: false } }));
  expect(counts.now()).toMatchObject({ queued: 1, processing: 1 });
  counts.take(update("b", { status: "queued" }));
  expect(counts.now()).toMatchObject({ queued: 2, processing: 1 });
  counts.take(update("b", { status: "completed" }));
  counts.take(update("c", { status: "failed" }));
  expect(counts.now()).toEqual({ queued: 1, processing: 0, completed: 1, failed: 1, cancelled: 0 });
});
