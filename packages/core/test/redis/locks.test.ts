import { describe } from "vitest";
import { createRedisLocks } from "../../src/redis/locks.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";
import { describeLocks } from "../suites/locks.js";

describe.skipIf(!hasRedis)("Redis", () => {
  const shared = shareRedis();

  describeLocks("Redis locks", () => {
    const tag = `{${shared.newPrefix()}}`;
    let shift = 0;
    return {
      ttlMs: 4_000,
      open: () => createRedisLocks({ redis: shared.redis, tag, shiftMs: () => shift }),
      advance: (ms) => (shift += ms),
      [Symbol.dispose]: () => {},
    };
  });
});
