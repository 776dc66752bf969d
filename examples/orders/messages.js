// What users hear of their orders. Between two updates of one order only the newest counts, but its end is always told.
import { defineMessage, defineMessages, latest } from "@inkwire/core/protocol";
import * as v from "valibot";

export const messages = defineMessages({
  order_update: defineMessage(
    v.object({
      order: v.string(),
      status: v.picklist(["queued", "processing", "completed", "failed", "cancelled"]),
      progress: v.number(),
      text: v.string(),
    }),
    latest((data) => data.order, { durable: (data) => data.status === "completed" }),
  ),
});
