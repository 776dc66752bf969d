export type { JobSignal, JobSignals } from "../pipeline/signals.js";
export { openRedis, type OpenRedisOptions } from "./client.js";
export type { NodeInfo, Peers } from "../transports/peers.js";
export type { RedisHealth } from "./health.js";
export { openRedisHome, type RedisHomeOptions } from "./home.js";
export { createRedisLimiter, type RedisLimiterOptions } from "./limiter.js";
export { createRedisPresence, type RedisPresence, type RedisPresenceOptions } from "./presence.js";
export { createRedisQueue, type RedisQueueOptions } from "./queue.js";
export { createRedisSignals, type RedisSignalsOptions } from "./signals.js";
