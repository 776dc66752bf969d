import { describe } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { putHomesInRedis } from "../support/test-home.js";

describe.skipIf(!hasRedis)("in Redis", async () => {
  putHomesInRedis();
  await import("../notifications/inbox.test.js");
  await import("../notifications/badges.test.js");
  await import("../notifications/announcements.test.js");
});
