import type { AnsweredCall } from "./front-door.js";
import type { GatewayEvent, GatewayStats } from "../transports/types.js";
import type { RedisHealth } from "../redis/health.js";
import type { NodeInfo } from "../transports/peers.js";
import type { JobCounts } from "./job-counts.js";

/** What is counted for the operator, in the text format of Prometheus. */
export interface Metrics {
  onAnswer(call: AnsweredCall): void;
  onGatewayEvent(event: GatewayEvent): void;
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

/** What is looked up when somebody asks. */
export interface MetricsSources {
  readonly gateway: () => GatewayStats;
  readonly history: () => {
    readonly messages: number;
    readonly bytes: number;
    readonly evicted: number;
  };
  readonly published: () => number;
  /** `undefined` without books. */
  readonly jobs: JobCounts | undefined;
  /** `undefined` without a Redis. */
  readonly redis: RedisSources | undefined;
  readonly version: string;
}

/** How the Redis does that servers share, and which servers those are. */
export interface RedisSources {
  readonly health: () => RedisHealth;
  readonly nodes: () => readonly NodeInfo[];
}
