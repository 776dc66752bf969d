import { Redis } from "ioredis";
import { openRedisHome } from "../../src/redis/home.js";
import { openHome } from "../../src/storage/home.js";
import type { Home } from "../../src/storage/types.js";

/** Opens the home that `name` stands for: a folder, or `redis://<host>:<port>/#<prefix>`, with a connection of its own. */
export async function openNamedHome(name: string): Promise<Home> {
  if (!name.startsWith("redis://")) return openHome(name);
  const url = new URL(name);
  const prefix = url.hash.slice(1);
  url.hash = "";
  // One that nobody closes hears no more of it when the tests are over.
  const redis = new Redis(url.href, { retryStrategy: (times) => (times < 10 ? 100 : null) });
  redis.on("error", () => {});
  const home = await openRedisHome({ redis, prefix });
  return {
    ...home,
    async close() {
      await home.close();
      redis.disconnect();
    },
  };
}
