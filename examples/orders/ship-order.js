// The pipeline: parcels are packed two at a time, then handed over. Each packed parcel is on disk before it is announced.
import { setTimeout as sleep } from "node:timers/promises";
import { definePipeline } from "@inkwire/core";

/** @typedef {{ readonly parcels: readonly string[] }} Order */

/** @param {{ packMs: number, log: (line: string) => void }} options - `packMs`: how long one parcel takes */
export function createShipOrder({ packMs, log }) {
  return definePipeline(
    "ship_order",
    {
      version: 1,
      plan: (/** @type {Order} */ { parcels }) => [
        { name: "pack", weight: 1, count: parcels.length },
        { name: "hand-over", weight: 1 },
      ],
    },
    async (run, /** @type {Order} */ { parcels }) => {
      const packed = await run.map("pack", parcels, { concurrency: 2 }, async (parcel, step) => {
        await sleep(packMs, undefined, { signal: step.signal });
        log(`packed ${parcel}`);
        return `${parcel}, packed`;
      });
      return run.step("hand-over", { input: packed }, async () => ({ parcels: packed.length }));
    },
  );
}
