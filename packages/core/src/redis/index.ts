export type { JobSignal, JobSignals } from "../pipeline/signals.js";
export { openRedis, type OpenRedisOptions } from "./client.js";
export { openRedisHome, type RedisHomeOptions } from "./home.js";
export { createRedisQueue, type RedisQueueOptions } from "./queue.js";
export { createRedisSignals, type RedisSignalsOptions } from "./signals.js";
