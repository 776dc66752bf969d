import { describe } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { useRedisHomes } from "../support/test-home.js";

describe.skipIf(!hasRedis)("in Redis", async () => {
  useRedisHomes();
  await import("../books/service.test.js");
});
