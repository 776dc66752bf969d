// `pnpm bench nodes`: what a history in Redis adds to a delivery, how long a message takes from one server to a client of another,
// and how long the clients of a server that died take to go on at another one.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { startRedis } from "../../scripts/start-redis.js";
import { median, percentile } from "../delivery/statistics.js";
import { storm, stormRow } from "./storm.js";

const NODE = new URL("node.js", import.meta.url);

/** @param {{ rounds: number, isQuick: boolean }} options */
export async function benchNodes({ rounds, isQuick }) {
  const redis = await startRedis();
  if (redis === undefined) {
    process.stdout.write("nodes: SKIPPED, redis-server is not installed here.\n");
    return;
  }
  try {
    const clients = isQuick ? 300 : 1_000;
    /** @type {Record<"memory" | "redis", number[]>} */
    const costs = { memory: [], redis: [] };
    for (let round = 0; round < rounds; round += 1) {
      costs.memory.push(await costOf("", clients));
      costs.redis.push(await costOf(redis.url, clients));
    }
    const ratios = costs.redis.map((cost, index) => cost / (costs.memory[index] ?? Number.NaN));
    const text = (/** @type {number} */ n) => n.toFixed(2);
    process.stdout.write(
      `fan-out to ${clients} SSE connections, CPU µs / delivery: memory ${text(median(costs.memory))}, ` +
        `Redis ${text(median(costs.redis))}, ratio ${text(median(ratios))} [${ratios.map(text).join(", ")}]\n`,
    );
    /** @type {number[][]} */
    const waits = [];
    for (let round = 0; round < rounds; round += 1) waits.push(await waitsOf(redis.url));
    const at = (/** @type {number} */ share) =>
      text(median(waits.map((of) => percentile(Float64Array.from(of), share))));
    process.stdout.write(
      `publish on one node → a client of another, 500 messages/s, ms: p50 ${at(0.5)}, p99 ${at(0.99)}\n`,
    );
    const crowd = isQuick ? 500 : 2_000;
    for (let round = 0; round < rounds; round += 1) {
      const result = await storm({ url: redis.url, prefix: `storm-${round}`, clients: crowd });
      process.stdout.write(`${stormRow(result, crowd)}\n`);
      // Times depend on the machine; that nothing is lost or doubled does not.
      if (result.lost + result.doubled + result.disordered + result.gaps > 0) process.exitCode = 1;
    }
  } finally {
    redis.stop();
  }
}

/** CPU of the publishing server for each delivery. @param {string} url @param {number} clients */
async function costOf(url, clients) {
  const node = await startNode(url);
  const count = 200;
  let seen = 0;
  const all = Promise.withResolvers();
  /** @type {import("node:net").Socket[]} */
  const sockets = [];
  for (let n = 0; n < clients; n += 1) {
    sockets.push(
      await openClient(node, n, (events) => {
        seen += events.length;
        if (seen === clients * count) all.resolve(undefined);
      }),
    );
  }
  const { cpuMicros } = await node.publish({ count, everyMs: 15, isEachAlone: true });
  await all.promise;
  for (const socket of sockets) socket.destroy();
  node.stop();
  return cpuMicros / seen;
}

/** @param {string} url @returns {Promise<number[]>} */
async function waitsOf(url) {
  const [from, to] = [await startNode(url), await startNode(url)];
  const count = 2_500;
  /** @type {number[]} */
  const waits = [];
  const all = Promise.withResolvers();
  const socket = await openClient(to, 0, (events) => {
    const now = performance.timeOrigin + performance.now();
    for (const event of events) waits.push(now - Number(/"at":([\d.]+)/.exec(event)?.[1]));
    if (waits.length === count) all.resolve(undefined);
  });
  await from.publish({ count, everyMs: 2, isEachAlone: false });
  await all.promise;
  socket.destroy();
  from.stop();
  to.stop();
  return waits.sort((a, b) => a - b);
}

/** @param {string} url */
async function startNode(url) {
  const child = fork(NODE, [url], { env: { ...process.env, NODE_ENV: "production" } });
  const [{ port, tokens }] = await once(child, "message");
  return {
    port: Number(port),
    tokens: /** @type {string[]} */ (tokens),
    /** @param {{ count: number, everyMs: number, isEachAlone: boolean }} order @returns {Promise<{ cpuMicros: number }>} */
    async publish(order) {
      child.send(order);
      const [done] = await once(child, "message");
      return done;
    },
    stop: () => child.kill("SIGKILL"),
  };
}

/**
 * @param {{ port: number, tokens: readonly string[] }} node
 * @param {number} user
 * @param {(events: string[]) => void} onEvents
 */
async function openClient({ port, tokens }, user, onEvents) {
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `GET /events HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${tokens[user]}\r\n\r\n`,
  );
  const isOpen = Promise.withResolvers();
  let rest = "";
  socket.on("data", (bytes) => {
    const parts = (rest + bytes.toString("latin1")).split("\n\n");
    rest = parts.pop() ?? "";
    if (parts.some((part) => part.includes("event: wire.hello"))) isOpen.resolve(undefined);
    const events = parts.filter((part) => part.includes("event: bench_blob"));
    if (events.length > 0) onEvents(events);
  });
  socket.on("error", isOpen.reject);
  await isOpen.promise;
  return socket;
}
