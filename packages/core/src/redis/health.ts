import { InkwireError } from "../protocol/index.js";

/** Whether Redis answers, as the last beat found it. */
export interface RedisHealth {
  readonly state: "connected" | "away";
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** How long its last answer took, in milliseconds. */
  readonly latencyMs: number;
}

export interface HealthOptions {
  readonly now: () => number;
  /** Told once when Redis has gone away, however long that lasts. */
  readonly onProblem: (problem: unknown) => void;
  readonly onHealth?: ((health: RedisHealth) => void) | undefined;
}

/** Keeps note of how Redis does. */
export interface HealthNotes {
  answered(latencyMs: number): void;
  failed(error: unknown): void;
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
      const wasAway = health.state === "away";
      health = { state: "connected", since: wasAway ? answeredAt : health.since, latencyMs };
      if (wasAway) onHealth?.(health);
    },
    failed(cause) {
      if (health.state === "away") return;
      health = { ...health, state: "away", since: now() };
      onProblem(
        new InkwireError("storage_failed", "Redis does not answer.", {
          retryable: true,
          hint: "Connections stay. What needs Redis is refused until it is back, which is tried once a second.",
          cause,
        }),
      );
      onHealth?.(health);
    },
    get isAway() {
      return health.state === "away";
    },
    get silentMs() {
      return now() - answeredAt;
    },
    now: () => health,
  };
}
