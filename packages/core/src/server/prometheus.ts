import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type Metric,
} from "prom-client";
import type { Metrics, MetricsSources } from "./metrics.js";

/**
 * The metrics of one server, on a registry of its own: what else in the process uses prom-client is not touched. The only
 * file that knows it.
 */
export function createPrometheusMetrics(sources: MetricsSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  /** One that has its value from elsewhere, whenever somebody reads it. */
  const lookUp = (metric: Metric): void => registry.registerMetric(metric);
  // Event loop, memory, garbage collection, file descriptors.
  collectDefaultMetrics({ register: registry });

  const requests = new Counter({
    name: "inkwire_http_requests_total",
    help: "Answered requests",
    labelNames: ["route", "method", "status"] as const,
    registers,
  });
  const durations = new Histogram({
    name: "inkwire_http_request_duration_seconds",
    help: "How long answers took; streams are not counted",
    labelNames: ["route"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const opened = new Counter({
    name: "inkwire_connections_opened_total",
    help: "Connections that were let in, by what they were told of their cursor",
    labelNames: ["transport", "resume"] as const,
    registers,
  });
  const closed = new Counter({
    name: "inkwire_connections_closed_total",
    help: "Connections that have ended, by why",
    labelNames: ["transport", "reason"] as const,
    registers,
  });
  const refused = new Counter({
    name: "inkwire_connections_refused_total",
    help: "Connections that were not let in, by why",
    labelNames: ["transport", "code"] as const,
    registers,
  });
  const lifetimes = new Histogram({
    name: "inkwire_connection_duration_seconds",
    help: "How long connections lived",
    labelNames: ["transport"] as const,
    buckets: [1, 10, 60, 300, 900, 3_600, 14_400, 86_400],
    registers,
  });
  new Gauge({
    name: "inkwire_build_info",
    help: "Always 1; its label is the version",
    labelNames: ["version"] as const,
    registers,
  }).set({ version: sources.version }, 1);

  lookUp(
    new Gauge({
      name: "inkwire_connections",
      help: "Open connections",
      labelNames: ["transport"] as const,
      registers: [],
      collect() {
        const { sse, websocket } = sources.gateway();
        this.set({ transport: "sse" }, sse);
        this.set({ transport: "websocket" }, websocket);
      },
    }),
  );
  const gauge = (name: string, help: string, read: () => number): void => {
    lookUp(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  };
  /** What is counted elsewhere already. */
  const counter = (name: string, help: string, read: () => number): void => {
    lookUp(
      new Counter({
        name,
        help,
        registers: [],
        collect() {
          this.reset();
          this.inc(read());
        },
      }),
    );
  };
  const { gateway } = sources;
  gauge("inkwire_connected_users", "Users with an open connection", () => gateway().users);
  gauge("inkwire_outbox_bytes", "What waits for slow readers", () => gateway().queuedBytes);
  gauge("inkwire_history_messages", "Messages in history", () => sources.history().messages);
  gauge("inkwire_history_bytes", "Their size", () => sources.history().bytes);
  counter("inkwire_published_messages_total", "Messages published here", sources.published);
  counter(
    "inkwire_history_evicted_total",
    "Messages that history let go",
    () => sources.history().evicted,
  );
  counter(
    "inkwire_delivered_messages_total",
    "Messages handed to connections",
    () => gateway().deliveredMessages,
  );
  counter(
    "inkwire_delivered_bytes_total",
    "Bytes handed to connections",
    () => gateway().deliveredBytes,
  );
  counter(
    "inkwire_replayed_messages_total",
    "Messages replayed to those who came back",
    () => gateway().replayedMessages,
  );
  counter(
    "inkwire_conflated_messages_total",
    "Messages that a newer one made needless",
    () => gateway().conflated,
  );
  counter(
    "inkwire_shed_messages_total",
    "Ephemeral messages dropped for slow readers",
    () => gateway().shed,
  );
  counter(
    "inkwire_slow_consumers_total",
    "Connections closed because they were too slow",
    () => gateway().slow,
  );
  counter(
    "inkwire_silent_peers_total",
    "Connections found dead by their silence",
    () => gateway().silent,
  );

  const { jobs, redis } = sources;
  if (redis !== undefined) {
    const { health, nodes } = redis;
    gauge("inkwire_redis_up", "Whether Redis answers and takes writes", () =>
      health().state === "connected" ? 1 : 0,
    );
    gauge(
      "inkwire_redis_latency_seconds",
      "How long its last answer took",
      () => health().latencyMs / 1_000,
    );
    gauge("inkwire_nodes", "Servers that are heard of, this one included", () => nodes().length);
  }
  if (jobs !== undefined) {
    lookUp(
      new Gauge({
        name: "inkwire_jobs",
        help: "Books that wait or are being written in this process",
        labelNames: ["status"] as const,
        registers: [],
        collect() {
          const { queued, processing } = jobs.now();
          this.set({ status: "queued" }, queued);
          this.set({ status: "processing" }, processing);
        },
      }),
    );
    lookUp(
      new Counter({
        name: "inkwire_jobs_ended_total",
        help: "Books that came to an end in this process",
        labelNames: ["status"] as const,
        registers: [],
        collect() {
          const { completed, failed, cancelled } = jobs.now();
          this.reset();
          this.inc({ status: "completed" }, completed);
          this.inc({ status: "failed" }, failed);
          this.inc({ status: "cancelled" }, cancelled);
        },
      }),
    );
  }

  return {
    onAnswer({ route, method, status, durationMs, isStream }) {
      requests.inc({ route, method, status });
      if (!isStream) durations.observe({ route }, durationMs / 1_000);
    },
    onGatewayEvent(event) {
      if (event.kind === "opened") {
        opened.inc({ transport: event.connection.transport, resume: event.resume });
      } else if (event.kind === "closed") {
        const { transport } = event.connection;
        closed.inc({ transport, reason: event.reason });
        lifetimes.observe({ transport }, event.durationMs / 1_000);
      } else if (event.kind === "refused") {
        refused.inc({ transport: event.transport, code: event.code });
      }
    },
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
    close: () => registry.clear(),
  };
}
