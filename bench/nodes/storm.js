// A node dies, and all of its clients come to the other one at once: how long that takes, and whether each has what is theirs.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../delivery/statistics.js";

const NODE = new URL("storm-node.js", import.meta.url);
export const SECRET = "a secret of the bench, long enough for it";
/** To each client: some before the death, some while it is away, some after it is back. */
const ROUNDS = 5;
/** How long it takes until all have been told what is theirs once. */
const ROUND_MS = 3_000;
/** Clients come back at a random moment of this, as inkwire's own client does. */
const SPREAD_MS = 1_000;
/** So many are on their way in at once when they come for the first time. */
const OPENING_AT_ONCE = 100;
const GIVE_UP_MS = 60_000;

/**
 * @param {{ url: string, prefix: string, clients: number }} options
 * @returns {Promise<{ backMs: Float64Array, cpuMs: number, lost: number, doubled: number, disordered: number, gaps: number }>}
 */
export async function storm({ url, prefix, clients }) {
  const args = [url, prefix, String(clients)];
  const [dying, other] = await Promise.all([startNode(args), startNode(args)]);
  const everybody = Array.from({ length: clients }, (_, user) => new StormClient(user, dying));
  try {
    const waiting = [...everybody];
    const openNext = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.open();
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
    // The welcomes.
    await sleep(2_000);
    const published = other.publish({ rounds: ROUNDS, everyMs: ROUND_MS / clients });
    await sleep(ROUND_MS * 1.5);
    const before = await other.cpu();
    const diedAt = performance.now();
    dying.kill();
    const back = await Promise.all(
      everybody.map(async (client) => {
        await client.closed;
        await sleep(Math.random() * SPREAD_MS);
        await client.comeBack(other, diedAt + GIVE_UP_MS);
        return performance.now() - diedAt;
      }),
    );
    const cpuMs = (await other.cpu()) - before;
    await published;
    const isComplete = () => everybody.every(({ numbers }) => numbers.length >= ROUNDS);
    for (const giveUpAt = performance.now() + 5_000; performance.now() < giveUpAt;) {
      if (isComplete()) break;
      await sleep(50);
    }
    // Something doubled would come after everything else.
    await sleep(300);
    return { backMs: Float64Array.from(back).sort(), cpuMs, ...sum(everybody) };
  } finally {
    for (const client of everybody) client.end();
    dying.kill();
    other.kill();
  }
}

/** @param {Awaited<ReturnType<typeof storm>>} result @param {number} clients */
export function stormRow({ backMs, cpuMs, lost, doubled, disordered, gaps }, clients) {
  const seconds = (/** @type {number} */ share) => (percentile(backMs, share) / 1000).toFixed(1);
  return (
    `a node with ${clients} clients dies, until they are back on the other, s: p50 ${seconds(0.5)}, p99 ${seconds(0.99)}, ` +
    `last ${seconds(1)}; CPU of the other ${(cpuMs / clients).toFixed(2)} ms a client; ` +
    `messages lost ${lost}, doubled ${doubled}, out of order ${disordered}, gaps ${gaps}`
  );
}

/** @param {readonly StormClient[]} clients */
function sum(clients) {
  const total = { lost: 0, doubled: 0, disordered: 0, gaps: 0 };
  for (const { numbers, gaps } of clients) {
    const different = new Set(numbers);
    total.lost += ROUNDS - different.size;
    total.doubled += numbers.length - different.size;
    total.disordered += numbers.filter((n, at) => n < (numbers[at - 1] ?? 0)).length;
    total.gaps += gaps;
  }
  return total;
}

/** A client that keeps what it is told, and comes back with its cursor. */
export class StormClient {
  /** @type {number[]} */
  numbers = [];
  gaps = 0;
  /** @type {Promise<unknown>} */
  closed = Promise.resolve();
  #cursor = "";
  #user;
  #node;
  /** @type {import("node:net").Socket | undefined} */
  #socket;

  /** @param {number} user @param {StormNode} node */
  constructor(user, node) {
    this.#user = user;
    this.#node = node;
  }

  /** @returns {Promise<boolean>} whether it is connected */
  async open() {
    const socket = connect(this.#node.port, "127.0.0.1");
    const isOpen = Promise.withResolvers();
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.once("close", () => isOpen.resolve(false));
    let rest = "";
    socket.on("data", (bytes) => {
      const parts = (rest + bytes.toString("latin1")).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        if (this.#take(part)) isOpen.resolve(true);
        else if (part.startsWith("HTTP/1.1 ") && !part.startsWith("HTTP/1.1 200")) socket.destroy();
      }
    });
    const from = [10, this.#user >> 16, (this.#user >> 8) & 255, this.#user & 255].join(".");
    const resume = this.#cursor === "" ? "" : `last-event-id: ${this.#cursor}\r\n`;
    socket.write(
      `GET /events HTTP/1.1\r\nhost: bench\r\nx-forwarded-for: ${from}\r\n${resume}` +
        `authorization: Bearer ${this.#node.tokens[this.#user]}\r\n\r\n`,
    );
    return isOpen.promise;
  }

  /** @param {StormNode} node @param {number} deadline */
  async comeBack(node, deadline) {
    this.#node = node;
    while (performance.now() < deadline) {
      if (await this.open()) return;
      await sleep(Math.random() * SPREAD_MS);
    }
    throw new Error("A client of the storm found no way back.");
  }

  end() {
    this.#socket?.destroy();
  }

  /** @param {string} part @returns {boolean} whether it is the first word of a connection */
  #take(part) {
    const id = /^id: ?(.+)$/m.exec(part)?.[1];
    if (id !== undefined) this.#cursor = id.trim();
    const note = /^event: ?storm_note$/m.test(part) ? /"n":(\d+)/.exec(part)?.[1] : undefined;
    if (note !== undefined) this.numbers.push(Number(note));
    if (!/^event: ?wire\.hello$/m.test(part)) return false;
    if (!/"resume":"(fresh|recovered)"/.test(part)) this.gaps += 1;
    return true;
  }
}

/** @typedef {Awaited<ReturnType<typeof startNode>>} StormNode */

/** @param {string[]} args */
export async function startNode(args) {
  const child = fork(NODE, args, { env: { ...process.env, NODE_ENV: "production" } });
  const [{ port, tokens }] = await once(child, "message");
  return {
    port: Number(port),
    tokens: /** @type {string[]} */ (tokens),
    /** @param {{ rounds: number, everyMs: number }} order */
    async publish(order) {
      const done = new Promise((resolve) => {
        child.on("message", (said) => said === "published" && resolve(undefined));
      });
      child.send(order);
      await done;
    },
    /** @returns {Promise<number>} so far, in milliseconds */
    async cpu() {
      child.send("cpu");
      for (;;) {
        const [said] = await once(child, "message");
        if (said !== "published") return (said.user + said.system) / 1000;
      }
    },
    pid: Number(child.pid),
    kill: () => child.kill("SIGKILL"),
  };
}
