import { InkwireError, isInkwireError } from "../protocol/index.js";
import { toRedisError } from "./redis-errors.js";

/** Whether Redis answers, as the last beat found it. */
export interface RedisHealth {
  /** `full`: it answers, and takes no writes until there is room. */
  readonly state: "connected" | "full" | "away";
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** How long its last answer took, in milliseconds. */
  readonly latencyMs: number;
}

export interface HealthOptions {
  readonly now: () => number;
  /** Told once when Redis has gone away or is full, however long that lasts. */
  readonly onProblem: (problem: unknown) => void;
  readonly onHealth?: ((health: RedisHealth) => void) | undefined;
}

/** Keeps note of how Redis does. */
export interface HealthNotes {
  answered(latencyMs: number): void;
  failed(error: unknown): void;
  /** Gone away, or full: nodes do not hear from each other by either. */
  readonly isAway: boolean;
  /** Since its last answer. */
  readonly silentMs: number;
  now(): RedisHealth;
}

export function createHealth({ now, onProblem, onHealth }: HealthOptions): HealthNotes {
  let health: RedisHealth = { state: "connected", since: now(), latencyMs: 0 };
  let answeredAt = now();
  return {
    answered(latencyMs) {
      answeredAt = now();
      const wasAway = health.state !== "connected";
      health = { state: "connected", since: wasAway ? answeredAt : health.since, latencyMs };
      if (wasAway) onHealth?.(health);
    },
    failed(cause) {
      const problem = toRedisError(cause, "tell other servers of this one");
      const isFull = isInkwireError(problem, "disk_full");
      const state = isFull ? "full" : "away";
      if (health.state === state) return;
      health = { ...health, state, since: now() };
      onProblem(isFull ? problem : unanswered(cause));
      onHealth?.(health);
    },
    get isAway() {
      return health.state !== "connected";
    },
    get silentMs() {
      return now() - answeredAt;
    },
    now: () => health,
  };
}

function unanswered(cause: unknown): InkwireError {
  return new InkwireError("storage_failed", "Redis does not answer.", {
    retryable: true,
    hint: "Connections stay. What needs Redis is refused until it is back, which is tried once a second.",
    cause,
  });
}
