import { expect, it } from "vitest";
import { createEmbeddedQueue } from "../../src/pipeline/embedded-queue.js";
import { describeJobQueue } from "../suites/job-queue.js";

describeJobQueue("the embedded queue", createEmbeddedQueue);

it.each([0, -1, 1.5, Number.NaN])("refuses a concurrency of %s", (concurrency) => {
  expect(() => createEmbeddedQueue({ concurrency, work: async () => {} })).toThrow("concurrency");
});

it("takes ids that look like p-queue's own numbers", async () => {
  const ran: string[] = [];
  const queue = createEmbeddedQueue({ concurrency: 1, work: async (id) => void ran.push(id) });
  await Promise.all(["2", "1", "3"].map((id) => queue.enqueue(id, { owner: "me", priority: 0 })));
  expect(ran).toEqual(["2", "1", "3"]);
  await queue.close();
});
