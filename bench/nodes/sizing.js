// `pnpm bench sizing`: what two servers and their Redis need for so many users, each connected once.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createTokenIssuer } from "@inkwire/core";
import { Redis } from "ioredis";
import { startRedis } from "../../scripts/start-redis.js";
import { SECRET, startNode, StormClient } from "./storm.js";

/** So many are on their way in at once. */
const OPENING_AT_ONCE = 100;
const IDLE_MS = 10_000;
/** Between two messages, each to one user. */
const EVERY_MS = 2;

/** @param {{ users: number }} options */
export async function benchSizing({ users }) {
  const server = await startRedis();
  if (server === undefined) {
    process.stdout.write("sizing: SKIPPED, redis-server is not installed here.\n");
    return;
  }
  const redis = new Redis(server.url);
  const args = [server.url, "sizing", String(users), "sizing"];
  const started = await Promise.all([startNode(args), startNode(args)]);
  const issuer = createTokenIssuer({ secret: SECRET });
  const tokens = await Promise.all(
    Array.from({ length: users }, (_, n) => issuer.issue({ userId: `storm-${n}` })),
  );
  const nodes = started.map((node) => ({ ...node, tokens }));
  /** @type {StormClient[]} */
  const clients = [];
  const line = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);
  const cpu = async () => [
    ...(await Promise.all(nodes.map((node) => node.cpu()))),
    await cpuOf(redis),
  ];
  /** @param {() => Promise<unknown>} act @returns {Promise<{ tookMs: number, cores: string[], cpuMs: number[] }>} */
  const measured = async (act) => {
    const before = await cpu();
    const from = performance.now();
    await act();
    const tookMs = performance.now() - from;
    const cpuMs = (await cpu()).map((ms, index) => ms - (before[index] ?? 0));
    return { tookMs, cpuMs, cores: cpuMs.map((ms) => `${((100 * ms) / tookMs).toFixed(1)} %`) };
  };
  try {
    const empty = await memoryOf(redis);
    const emptyRss = nodes.map(({ pid }) => rssOf(pid));
    const opening = await measured(async () => {
      const waiting = Array.from({ length: users }, (_, user) => user);
      const openNext = async () => {
        for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
          const client = new StormClient(
            user,
            /** @type {import("./storm.js").StormNode} */ (nodes[user % 2]),
          );
          clients.push(client);
          if (!(await client.open())) throw new Error("A connection was refused.");
        }
      };
      await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
    });
    await sleep(2_000);
    const connected = await memoryOf(redis);
    line(`${users} users on two servers, CPU and memory of each server and of Redis:`);
    line(
      `opening: ${((opening.cpuMs[0] ?? 0) / (users / 2)).toFixed(2)} ms of CPU a connection; ` +
        `${Math.round((connected - empty) / users)} bytes of Redis each`,
    );
    const rss = nodes.map(({ pid }, index) => rssOf(pid) - (emptyRss[index] ?? 0));
    line(
      `a server with its half: ${rss.map((mb) => `${mb} MB`).join(", ")} more than empty (${emptyRss.join(", ")} MB)`,
    );
    const idle = await measured(() => sleep(IDLE_MS));
    line(`quiet: ${idle.cores.join(", ")} of a core`);
    const busy = await measured(async () => nodes[0]?.publish({ rounds: 1, everyMs: EVERY_MS }));
    const filled = await memoryOf(redis);
    const perSecond = Math.round((1_000 * users) / busy.tookMs);
    line(
      `${perSecond} messages a second, each to one user, published at the first: ${busy.cores.join(", ")} of a core; ` +
        `a message costs ${busy.cpuMs.map((ms) => `${Math.round((1_000 * ms) / users)}`).join(", ")} µs`,
    );
    await sleep(1_000);
    const got = clients.filter(({ numbers }) => numbers.length === 1).length;
    line(
      `Redis: ${mb(empty)} MB empty, ${mb(connected)} MB connected, ${mb(filled)} MB with ${users} messages in history (${Math.round((filled - connected) / users)} bytes each); ${got} of ${users} got theirs`,
    );
    if (got !== users) process.exitCode = 1;
  } finally {
    for (const client of clients) client.end();
    for (const node of nodes) node.kill();
    redis.disconnect();
    server.stop();
  }
}

/** @param {number} bytes */
const mb = (bytes) => (bytes / 1024 / 1024).toFixed(1);

/** @param {Redis} redis @param {string} section @param {string} field */
async function infoOf(redis, section, field) {
  const text = await redis.info(section);
  return Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(text)?.[1]);
}

/** @param {Redis} redis */
const memoryOf = (redis) => infoOf(redis, "memory", "used_memory");

/** So far, in milliseconds. @param {Redis} redis */
async function cpuOf(redis) {
  const [user, system] = await Promise.all([
    infoOf(redis, "cpu", "used_cpu_user"),
    infoOf(redis, "cpu", "used_cpu_sys"),
  ]);
  return 1_000 * (user + system);
}

/** Of a process, in MB; where the system has no /proc, not known. @param {number} pid */
function rssOf(pid) {
  try {
    return Math.round(
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
    );
  } catch {
    return Number.NaN;
  }
}
