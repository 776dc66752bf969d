import * as v from "valibot";
import type { Bus } from "../../bus/types.js";
import { requireScope, type Identity } from "../../auth/identity.js";
import type { Catalog } from "../../protocol/index.js";
import type { Gateway } from "../../transports/types.js";
import type { JobCounts } from "../job-counts.js";
import type { Metrics, RedisSources } from "../metrics.js";
import { defineRoute, type Call, type Route } from "../route.js";
import { healthSchema, readySchema, statusSchema } from "../schemas/operations.js";

export interface OperationRoutesDeps {
  readonly version: string;
  readonly startedAt: number;
  readonly now: () => number;
  readonly gateway: Pick<Gateway, "stats">;
  readonly isDraining: () => boolean;
  readonly bus: Pick<Bus<Catalog>, "stats" | "epoch" | "head">;
  /** `undefined` without books. */
  readonly jobs: JobCounts | undefined;
  /** `undefined`: none are kept. */
  readonly metrics: Metrics | undefined;
  /** `undefined` without a Redis. */
  readonly redis: RedisSources | undefined;
  readonly metricsFor: MetricsAccess;
  readonly identify: (request: Request) => Promise<Identity>;
}

/**
 * Who may read `/metrics`: everybody; only this machine, others with the scope `admin`; or only that scope. They hold
 * numbers alone, and no user's name.
 */
export type MetricsAccess = "open" | "loopback" | "admin";

/** What the operator and the machinery around a server ask. */
export function operationRoutes(deps: OperationRoutesDeps): readonly Route[] {
  const health = defineRoute({
    id: "health",
    method: "GET",
    path: "/health",
    summary: "Whether the process answers",
    access: "open",
    bucket: null,
    answers: { 200: { description: "It does", schema: healthSchema } },
    handle: async () => ({ status: 200, json: { status: "ok" } }),
  });

  const ready = defineRoute({
    id: "ready",
    method: "GET",
    path: "/ready",
    summary: "Whether new connections should come here",
    access: "open",
    bucket: null,
    query: v.object({
      redis: v.optional(
        v.pipe(v.string(), v.description('"required": 503 also while Redis is away or full')),
      ),
    }),
    answers: {
      200: { description: "They should; `degraded`: Redis is away or full", schema: readySchema },
      503: { description: "It is about to stop", schema: readySchema },
    },
    async handle({ query }) {
      const again = { "retry-after": "5" };
      const redis = deps.redis?.health().state;
      const known = redis === undefined ? {} : { redis };
      if (deps.isDraining()) {
        return { status: 503, json: { status: "draining", ...known }, headers: again };
      }
      const isWell = redis === undefined || redis === "connected";
      if (isWell) return { status: 200, json: { status: "ready", ...known } };
      // All servers lose Redis at once: where each of them said no, clients would be left with none.
      return query?.redis === "required"
        ? { status: 503, json: { status: "degraded", redis }, headers: again }
        : { status: 200, json: { status: "degraded", redis } };
    },
  });

  const status = defineRoute({
    id: "status",
    method: "GET",
    path: "/status",
    summary: "What this process does now",
    access: "admin",
    bucket: "read",
    answers: { 200: { description: "Its state", schema: statusSchema } },
    handle: async () => ({ status: 200, json: describe(deps) }),
  });

  const { metrics } = deps;
  if (metrics === undefined) return [health, ready, status];
  const prometheus = defineRoute({
    id: "metrics",
    method: "GET",
    path: "/metrics",
    summary: "Numbers for Prometheus",
    access: "open",
    bucket: "read",
    answers: { 200: { description: "The text format of Prometheus", media: ["text/plain"] } },
    refusals: ["token_missing", "scope_missing"],
    async handle(call) {
      if (!isFree(call, deps.metricsFor)) requireScope(await deps.identify(call.request), "admin");
      const { contentType, text } = await metrics.read();
      return { status: 200, body: text, headers: { "content-type": contentType } };
    },
  });
  return [health, ready, status, prometheus];
}

/** What a proxy of this machine passes on comes from elsewhere, if the proxy says so. */
function isFree({ peer, request }: Call, access: MetricsAccess): boolean {
  if (access !== "loopback") return access === "open";
  const isForwarded = ["x-forwarded-for", "forwarded", "via", "x-real-ip"].some((name) =>
    request.headers.has(name),
  );
  return !isForwarded && peer !== undefined && /^(127\.|::1$|::ffff:127\.)/.test(peer);
}

function describe({
  version,
  startedAt,
  now,
  gateway,
  isDraining,
  bus,
  jobs,
  redis,
}: OperationRoutesDeps) {
  const stats = gateway.stats();
  const { history, published } = bus.stats();
  const { rss, heapUsed } = process.memoryUsage();
  const { total, sse, websocket, users } = stats;
  return {
    version,
    started_at: new Date(startedAt).toISOString(),
    uptime_seconds: Math.max(0, Math.floor((now() - startedAt) / 1_000)),
    draining: isDraining(),
    connections: { total, sse, websocket, users },
    delivered: {
      messages: stats.deliveredMessages,
      bytes: stats.deliveredBytes,
      replayed: stats.replayedMessages,
      queued_bytes: stats.queuedBytes,
      conflated: stats.conflated,
      shed: stats.shed,
      slow: stats.slow,
      silent: stats.silent,
      refused: stats.refused,
    },
    history: { epoch: bus.epoch, head: bus.head(), ...history, published },
    ...(jobs !== undefined && { jobs: jobs.now() }),
    ...(redis !== undefined && { redis: describeRedis(redis) }),
    memory: { rss_bytes: rss, heap_used_bytes: heapUsed },
  };
}

function describeRedis({ health, nodes }: RedisSources) {
  const { state, since, latencyMs } = health();
  return {
    state,
    since: new Date(since).toISOString(),
    latency_ms: Math.round(latencyMs * 100) / 100,
    nodes: nodes().map(({ id, connections, isSelf }) => ({ id, connections, self: isSelf })),
  };
}
