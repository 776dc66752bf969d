import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  backoffMs,
  MAX_RETRY_AFTER_MS,
  resolveRetry,
  RETRY_DEFAULTS,
  retryDelayMs,
} from "../../src/pipeline/backoff.js";
import { InkwireError } from "../../src/protocol/index.js";

const busy = (retryAfterMs?: number) =>
  new InkwireError("provider_busy", "busy", { retryable: true, retryAfterMs });

describe("the wait before another attempt", () => {
  it("is uniform below a bound that doubles up to the cap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const bound = Math.min(60_000, 1_000 * 2 ** (attempt - 1));
          const wait = backoffMs(attempt, RETRY_DEFAULTS, () => random);
          expect(wait).toBe(Math.floor(random * bound));
          expect(wait).toBeLessThan(bound);
        },
      ),
    );
  });

  it("is at least what the other side asked for, up to a cap of its own", () => {
    expect(retryDelayMs(busy(90_000), 1, RETRY_DEFAULTS, () => 0)).toBe(90_000);
    expect(retryDelayMs(busy(10), 3, RETRY_DEFAULTS, () => 0.5)).toBe(2_000);
    expect(retryDelayMs(busy(86_400_000), 1, RETRY_DEFAULTS, () => 0)).toBe(MAX_RETRY_AFTER_MS);
  });

  it("is none for errors that last, for those that are not ours, and after the last attempt", () => {
    expect(
      retryDelayMs(new InkwireError("author_refused_key", "no"), 1, RETRY_DEFAULTS, Math.random),
    ).toBeUndefined();
    expect(retryDelayMs(new Error("bug"), 1, RETRY_DEFAULTS, Math.random)).toBeUndefined();
    expect(retryDelayMs("text", 1, RETRY_DEFAULTS, Math.random)).toBeUndefined();
    expect(retryDelayMs(busy(), 4, RETRY_DEFAULTS, () => 0)).toBe(0);
    expect(retryDelayMs(busy(), 5, RETRY_DEFAULTS, () => 0)).toBeUndefined();
  });
});

it.each([
  { maxAttempts: 0 },
  { maxAttempts: 1.5 },
  { baseMs: -1 },
  { baseMs: 10, capMs: 5 },
  { capMs: Number.POSITIVE_INFINITY },
])("refuses the retry options %j", (options) => {
  expect(() => resolveRetry(options)).toThrow("Expected");
});
