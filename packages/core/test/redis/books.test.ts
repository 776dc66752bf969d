import { describe } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { putHomesInRedis } from "../support/test-home.js";

describe.skipIf(!hasRedis)("in Redis", async () => {
  putHomesInRedis();
  await import("../books/service.test.js");
});
