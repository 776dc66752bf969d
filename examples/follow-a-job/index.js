// A long job that is no book: its steps become messages on a bus, and a subscriber follows them to the end.
import { createBus, createJobs, createMemoryHome, definePipeline } from "@inkwire/core";
import { defineMessage, defineMessages, latest } from "@inkwire/core/protocol";
import * as v from "valibot";

const order = v.object({ order: v.string(), status: v.string(), progress: v.number() });
const messages = defineMessages({
  order_update: defineMessage(
    order,
    latest((data) => data.order, { durable: (data) => data.status === "completed" }),
  ),
});

const ship = definePipeline(
  "ship_order",
  {
    plan: () => [
      { name: "pack", weight: 1, count: 3 },
      { name: "hand-over", weight: 1 },
    ],
  },
  async (run, parcels) => {
    const packed = await run.map(
      "pack",
      parcels,
      { concurrency: 2 },
      async (parcel) => `${parcel}, packed`,
    );
    return run.step("hand-over", { input: packed }, async () => packed.length);
  },
);

const bus = createBus({ messages });
const home = createMemoryHome();
const jobs = createJobs({
  home,
  pipelines: [ship],
  onReport: ({ job }) =>
    void bus.publish("user/42", "order_update", {
      order: job.id,
      status: job.status,
      progress: job.progress,
    }),
});

const updates = bus.subscribe(["user/42"]);
await jobs.enqueue("ship_order", ["a lamp", "a chair", "a book"], { owner: "42" });
for await (const { data } of updates) {
  process.stdout.write(`${data.status} ${data.progress} %\n`);
  if (data.status === "completed") break;
}
await jobs.close();
await bus.close();
