export { createInkwire } from "./create-inkwire.js";
export type { CorsOptions } from "./cors.js";
export type { Inkwire } from "./inkwire.js";
export type { Logger, LogFields } from "./logger.js";
export type { Listening, ListenOptions } from "./node-server.js";
export type { AuthOptions, InkwireOptions, NoMessages, ServerBooksOptions } from "./options.js";
export { makeProblem, type Problem } from "./problem.js";
export type { Rate, RateBucket, RateLimiter, RateLimits, Rates } from "./rate-limits.js";
export type { MetricsAccess } from "./routes/operations.js";
