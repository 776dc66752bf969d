import { describe } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { putHomesInRedis } from "../support/test-home.js";

describe.skipIf(!hasRedis)("in Redis", async () => {
  putHomesInRedis();
  // The query makes them modules of their own: in a worker that ran them before they would say nothing a second time.
  for (const suite of ["inbox", "badges", "announcements"])
    await import(/* @vite-ignore */ `../notifications/${suite}.test.ts?redis`);
});
