import { expect, it } from "vitest";
import { issuer, startNode, type ServedNode } from "../../core/test/redis/support/cluster.js";
import { isInstalled, startNginx } from "../../core/test/server/support/proxy.js";
import { hasRedis, startRedis } from "../../core/test/support/redis-server.js";
import { startTcpProxy, type TcpProxy } from "../../core/test/support/tcp-proxy.js";
import { createClient, type Client } from "../src/index.js";

const NODES = 3;
const USERS = 500;
const MESSAGES = 20_000;
/** Waited for at once. */
const IN_FLIGHT = 100;
const PARTITION_MS = 10_000;
const PREFIX = "soak";

const seed = Number(process.env["INKWIRE_SOAK_SEED"] ?? Math.floor(Math.random() * 0x7fff_ffff));
const canRun = hasRedis && isInstalled("nginx", "-v");
if (!canRun) console.warn("SKIPPED: the test of several nodes needs redis-server and nginx");

/** Mulberry32: a few bits of state are enough to repeat a run. */
function createRandom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A node that is started again on its port when it was killed, by a way to Redis that can be cut. */
class Member {
  readonly #proxy: TcpProxy;
  readonly #port: number;
  #node: ServedNode;
  /** Messages that this process was asked for and has not answered. */
  #asked = new Map<string, (isCertain: boolean) => void>();

  private constructor(proxy: TcpProxy, node: ServedNode) {
    this.#proxy = proxy;
    this.#node = node;
    this.#port = Number(new URL(node.url).port);
    void this.#listen(node);
  }

  static async open(redisPort: number): Promise<Member> {
    const proxy = await startTcpProxy(redisPort);
    return new Member(proxy, await start(proxy));
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get proxy(): TcpProxy {
    return this.#proxy;
  }

  /** Whether the node says that the message is kept; `false` also when it dies first, and nobody knows. */
  publish(userId: string, n: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#asked.set(String(n), resolve);
      this.#node.child.stdin?.write(`publish ${userId} ${n}\n`);
    });
  }

  async killAndStart(): Promise<void> {
    const asked = this.#asked;
    this.#asked = new Map();
    await this.#node.kill();
    for (const settle of asked.values()) settle(false);
    this.#node = await start(this.#proxy, this.#port);
    void this.#listen(this.#node);
    // What was asked of it while it was away went to a closed pipe.
    for (const settle of this.#asked.values()) settle(false);
    this.#asked.clear();
  }

  async close(): Promise<void> {
    await this.#node.kill();
    await this.#proxy[Symbol.asyncDispose]();
  }

  async #listen(node: ServedNode): Promise<void> {
    node.child.stdin?.on("error", () => {});
    for (;;) {
      const line = await node.line().catch(() => undefined);
      if (line === undefined) return;
      const [answer, n = ""] = line.split(" ");
      this.#asked.get(n)?.(answer === "yes");
      this.#asked.delete(n);
    }
  }
}

function start(proxy: TcpProxy, port = 0): Promise<ServedNode> {
  const redis = { maxMessages: 2 * MESSAGES };
  const options = { redis, connections: { heartbeatMs: 2_000 } };
  return startNode(`redis://127.0.0.1:${proxy.port}`, PREFIX, options, port);
}

it.skipIf(!canRun)(
  `hands each of ${USERS} users what is theirs of ${MESSAGES} messages exactly once, over ${NODES} nodes that die, a Redis that dies and a network that stands still`,
  async () => {
    process.stdout.write(`seed ${seed} (INKWIRE_SOAK_SEED repeats it)\n`);
    const random = createRandom(seed);
    const pick = (count: number) => Math.floor(random() * count);
    await using redis = await startRedis({ appendOnly: true });
    const members = await Promise.all(Array.from({ length: NODES }, () => Member.open(redis.port)));
    await using nginx = await startNginx(
      (port) => `
upstream nodes { least_conn; ${members.map(({ host }) => `server ${host} max_fails=1 fail_timeout=1s;`).join(" ")} }
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass http://nodes; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_buffering off; proxy_connect_timeout 2s; proxy_next_upstream error timeout http_503;
  }
}`,
    );
    /** By user: how often each number came, and the numbers of the gaps. */
    const got = Array.from({ length: USERS }, () => new Map<number, number>());
    const gaps = Array.from({ length: USERS }, () => 0);
    const clients: Client[] = [];
    for (let user = 0; user < USERS; user += 1) {
      const token = await issuer.issue({ userId: `u${user}`, ttlMs: 3_600_000 });
      const client = createClient({
        url: nginx.url,
        token: () => token,
        backoff: { baseMs: 100, capMs: 2_000 },
      });
      const mine = got[user];
      client.on("system_notification", ({ data }) => {
        const n = Number(data.title);
        mine?.set(n, (mine.get(n) ?? 0) + 1);
      });
      client.onGap(() => (gaps[user] = (gaps[user] ?? 0) + 1));
      client.connect();
      clients.push(client);
    }
    const live = () => clients.filter((client) => client.state.get().status === "live").length;
    await expect.poll(live, { timeout: 60_000 }).toBe(USERS);

    const certain = Array.from({ length: USERS }, () => new Set<number>());
    const owners: number[] = [];
    let sent = 0;
    let uncertain = 0;
    const publishAll = async (): Promise<void> => {
      while (sent < MESSAGES) {
        const n = sent++;
        const user = pick(USERS);
        owners[n] = user;
        if (await members[pick(NODES)]?.publish(`u${user}`, n)) certain[user]?.add(n);
        else uncertain += 1;
      }
    };
    const at = async (part: number): Promise<void> => {
      await expect.poll(() => sent, { timeout: 300_000 }).toBeGreaterThan(MESSAGES * part);
    };
    const disturb = async (): Promise<void> => {
      await at(0.15);
      await members[pick(NODES)]?.killAndStart();
      await at(0.35);
      await redis.restart();
      await at(0.55);
      const cutOff = members[pick(NODES)];
      cutOff?.proxy.hold();
      await sleep(PARTITION_MS);
      cutOff?.proxy.mend();
      await at(0.8);
      await members[pick(NODES)]?.killAndStart();
    };
    await Promise.all([disturb(), ...Array.from({ length: IN_FLIGHT }, publishAll)]);

    const missing = (): string[] =>
      certain.flatMap((numbers, user) =>
        gaps[user] === 0
          ? [...numbers].filter((n) => !got[user]?.has(n)).map((n) => `u${user}: ${n}`)
          : [],
      );
    await expect.poll(() => missing().length, { timeout: 60_000 }).toBe(0);
    const twice = got.flatMap((numbers, user) =>
      [...numbers].filter(([, times]) => times > 1).map(([n]) => `u${user}: ${n}`),
    );
    const foreign = got.flatMap((numbers, user) =>
      [...numbers.keys()].filter((n) => owners[n] !== user).map((n) => `u${user}: ${n}`),
    );
    const withGap = gaps.filter((count) => count > 0).length;
    process.stdout.write(
      `${MESSAGES} messages: ${MESSAGES - uncertain} certain, ${uncertain} of which the publisher was told no or nothing; ${withGap} of ${USERS} users were told of a gap; ${clients.reduce((sum, { counts }) => sum + counts.connections, 0)} connections\n`,
    );
    expect({ twice, foreign, missing: missing() }).toEqual({ twice: [], foreign: [], missing: [] });
    // Most of it was no accident.
    expect(uncertain).toBeLessThan(MESSAGES / 10);
    for (const client of clients) client.close();
    for (const member of members) await member.close();
  },
  400_000,
);

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
