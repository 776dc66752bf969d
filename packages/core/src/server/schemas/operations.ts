import * as v from "valibot";
import { count, time } from "./common.js";

export const healthSchema = v.object({ status: v.literal("ok") });
const redisState = v.picklist(["connected", "full", "away"]);
export const readySchema = v.object({
  status: v.picklist(["ready", "draining", "degraded"]),
  redis: v.exactOptional(redisState),
});

export const statusSchema = v.object({
  version: v.string(),
  started_at: time,
  uptime_seconds: count,
  draining: v.boolean(),
  connections: v.object({ total: count, sse: count, websocket: count, users: count }),
  delivered: v.object({
    messages: count,
    bytes: count,
    replayed: count,
    queued_bytes: count,
    conflated: count,
    shed: count,
    slow: count,
    silent: count,
    refused: count,
  }),
  history: v.object({
    epoch: v.string(),
    head: v.string(),
    messages: count,
    bytes: count,
    evicted: count,
    published: count,
  }),
  jobs: v.exactOptional(
    v.object({
      queued: count,
      processing: count,
      completed: count,
      failed: count,
      cancelled: count,
    }),
  ),
  redis: v.exactOptional(
    v.object({
      state: redisState,
      since: time,
      latency_ms: v.pipe(v.number(), v.minValue(0)),
      nodes: v.array(v.object({ id: v.string(), connections: count, self: v.boolean() })),
    }),
  ),
  memory: v.object({ rss_bytes: count, heap_used_bytes: count }),
});
