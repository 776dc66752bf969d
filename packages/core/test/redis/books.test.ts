import { describe } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { putHomesInRedis } from "../support/test-home.js";

const suite = "../books/service.test.ts?redis";

describe.skipIf(!hasRedis)("in Redis", async () => {
  putHomesInRedis();
  // The query makes it a module of its own: in a worker that ran it before it would say nothing a second time.
  await import(/* @vite-ignore */ suite);
});
