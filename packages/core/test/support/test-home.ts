import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import type { Home } from "../../src/storage/types.js";
import { openNamedHome } from "./named-home.js";
import { hasRedis, startRedis, type RedisServer } from "./redis-server.js";

let place: RedisServer | undefined;

/** What other processes open by `openNamedHome`: the folder, or in a file that says `putHomesInRedis()` a home in Redis. */
export function testHomeName(directory: string): string {
  return place === undefined
    ? directory
    : `${place.url}/#${directory.replaceAll(/[^\w.-]/g, "-").slice(-64)}`;
}

/** Opens the home of {@link testHomeName}. */
export function openTestHome(directory: string): Promise<Home> {
  return openNamedHome(testHomeName(directory));
}

/** A Redis for the tests of a file. */
export interface SharedRedis {
  readonly redis: Redis;
  readonly server: RedisServer;
  /** One more connection, as another process would have it; closed at the end. */
  connect(): Redis;
  /** A prefix that no other test has. */
  newPrefix(): string;
}

/** Starts a Redis before the tests of this file, and ends it after them. */
export function shareRedis(): SharedRedis {
  let server: RedisServer | undefined;
  let count = 0;
  const clients: Redis[] = [];
  const running = () => {
    if (server === undefined) throw new Error("Redis is started before the tests, not earlier.");
    return server;
  };
  const connect = () => {
    const client = new Redis(running().url);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    if (!hasRedis) return;
    server = await startRedis({ isCluster: true });
    connect();
  });
  afterAll(async () => {
    for (const client of clients) client.disconnect();
    await server?.[Symbol.asyncDispose]();
  });
  return {
    get redis() {
      return clients[0] ?? connect();
    },
    get server() {
      return running();
    },
    connect,
    newPrefix: () => `test-${count++}`,
  };
}

/** Lets the suites that this file imports run on homes in Redis. Each opening has a connection of its own. */
export function putHomesInRedis(): void {
  const shared = shareRedis();
  beforeAll(() => {
    place = shared.server;
  });
  afterAll(() => {
    place = undefined;
  });
}
