// One start of one server with its clients, and the measurements that can be made of it.
import { readCost, readMemory, spent } from "./meter.js";
import { peers } from "./peers.js";
import { Remote } from "./remote.js";
import { isWhole } from "./tally.js";

/** @typedef {import("./peers.js").PeerName} PeerName */

/**
 * What one measurement gave. Costs are per delivery, or per client where the row says so.
 *
 * @typedef {object} Sample
 * @property {number} [cpuMicros]
 * @property {number} [userMicros]
 * @property {number} [p50Ms]
 * @property {number} [p99Ms]
 * @property {number} [wallMs]
 * @property {number} [kib] - per connection
 * @property {number} [growthMb] - at most, while it ran
 * @property {number} [keptMb] - afterwards
 * @property {string} [stalled] - what became of the client that did not read
 * @property {number} [foreignShare] - of core 0, used by others meanwhile
 * @property {import("./tally.js").Verdict & { delivered: number }} [verdict]
 */

/** Long enough for a slow peer on a busy machine; a loss is not noticed before. */
const SETTLE_MS = 20_000;

export class BenchSession {
  #name;
  #profileTo;
  #server;
  #swarm;
  #info;
  #port = 0;
  #count = 0;
  #hasOwnNumbers = false;
  /** How many messages each client's numbers stand at. */
  #published = 0;

  /**
   * @param {PeerName} name
   * @param {{ profileTo?: string | undefined }} [options] - an absolute folder, for profiles
   */
  constructor(name, { profileTo } = {}) {
    this.#name = name;
    this.#profileTo = profileTo;
    this.#info = peers[name];
    const here = (/** @type {string} */ file) => new URL(file, import.meta.url).pathname;
    this.#server = new Remote(here("server.js"), {
      core: 0,
      args: [this.#info.server],
      flags: ["--expose-gc"],
    });
    this.#swarm = new Remote(here("swarm.js"), { core: 1 });
  }

  /** @param {readonly string[]} tokens */
  async start(tokens) {
    [this.#port] = await Promise.all([
      this.#server.call("listen"),
      this.#swarm.call("setTokens", tokens),
    ]);
  }

  /** @param {number} count @param {{ ownNumbers?: boolean }} [options] */
  async connect(count, { ownNumbers = false } = {}) {
    this.#count = count;
    this.#hasOwnNumbers = ownNumbers;
    await this.#swarm.call("open", this.#opening());
    await this.#server.call("waitForConnections", count);
  }

  /**
   * Publishes, and tells what each delivery cost.
   *
   * @param {import("./publisher.js").Plan} plan
   * @returns {Promise<Sample>}
   */
  async deliver(plan) {
    await this.#swarm.call("begin");
    const before = await readCost(this.#server);
    await this.#server.call("publish", plan);
    const cost = spent(before, await readCost(this.#server));
    this.#published += plan.messages;
    const verdict = await this.#settle(plan.messages * this.#count);
    const { p50Ms, p99Ms } = verdict;
    return { ...per(verdict.delivered, cost), p50Ms, p99Ms, verdict };
  }

  /**
   * {@link deliver} for a row of the report; where profiles are wanted once more with the profiler on, so that it is in no
   * number.
   *
   * @param {string} row
   * @param {import("./publisher.js").Plan} plan
   * @returns {Promise<[string, Sample]>}
   */
  async row(row, plan) {
    const sample = await this.deliver(plan);
    if (this.#profileTo !== undefined) {
      await this.#startProfile();
      await this.deliver(plan);
      await this.#stopProfile(row);
    }
    return [row, sample];
  }

  /** {@link storm} for a row, likewise. @param {string} row @param {number} count @param {number} messages @returns {Promise<[string, Sample]>} */
  async stormRow(row, count, messages) {
    const sample = await this.storm(count, messages);
    if (this.#profileTo !== undefined) await this.storm(count, messages, row);
    return [row, sample];
  }

  #startProfile() {
    return this.#server.call("startProfile");
  }

  /** @param {string} row */
  #stopProfile(row) {
    return this.#server.call("stopProfile", `${this.#profileTo}/${row}.${this.#name}.cpuprofile`);
  }

  /** What an idle connection holds. @param {number} count @returns {Promise<Sample>} */
  async idle(count) {
    await this.#server.call("collectGarbage");
    const before = await readMemory(this.#server);
    await this.connect(count);
    await this.#server.call("collectGarbage");
    const after = await readMemory(this.#server);
    return { kib: (after - before) / count / 1024 };
  }

  /** All leave, miss `messages`, and come back at once. @param {number} count @param {number} messages @param {string} [profileAs] @returns {Promise<Sample>} */
  async storm(count, messages, profileAs) {
    await this.#leave();
    await this.connect(count);
    await this.#leave();
    const cursor = await this.#server.call("cursor");
    await this.#server.call("publish", { messages, perTurn: 10 });
    const skipTo = this.#published + 1;
    this.#published += messages;
    await this.#swarm.call("begin");
    const before = await readCost(this.#server);
    if (profileAs !== undefined) await this.#startProfile();
    await this.#swarm.call("open", { ...this.#opening(), cursor, skipTo });
    const verdict = await this.#settle(messages * count);
    const cost = spent(before, await readCost(this.#server));
    if (profileAs !== undefined) await this.#stopProfile(profileAs);
    return { ...per(count, cost), wallMs: cost.wallMs, verdict };
  }

  /**
   * The first client stops reading while `plan` is published to all.
   *
   * @param {import("./publisher.js").Plan & { textBytes: number }} plan
   * @returns {Promise<Sample>}
   */
  async stall(plan) {
    await this.deliver({ messages: 50, textBytes: plan.textBytes });
    const cursor = await this.#server.call("cursor");
    const stalledPort = await this.#swarm.call("stall", 0);
    await this.#server.call("collectGarbage");
    const quiet = await readMemory(this.#server);
    let peak = quiet;
    const watch = setInterval(() => {
      void readMemory(this.#server).then((bytes) => (peak = Math.max(peak, bytes)));
    }, 100);
    try {
      await this.#swarm.call("begin");
      const before = await readCost(this.#server);
      await this.#server.call("publish", { ...plan, stalledPort });
      const cost = spent(before, await readCost(this.#server));
      this.#published += plan.messages;
      const verdict = await this.#settle(plan.messages * (this.#count - 1), 0);
      await this.#server.call("collectGarbage");
      const keptMb = ((await readMemory(this.#server)) - quiet) / 1e6;
      const isCut = (await this.#server.call("connections")) < this.#count;
      const stalled = isCut ? `cut off, back with ${await this.#comeBack(cursor)}` : "kept";
      const growthMb = (peak - quiet) / 1e6;
      return { ...per(verdict.delivered, cost), growthMb, keptMb, stalled, verdict };
    } finally {
      clearInterval(watch);
    }
  }

  /** The first client comes back with what it had; what the server says about it. @param {string} cursor */
  async #comeBack(cursor) {
    const beginning = await this.#swarm.call("reopen", { ...this.#opening(), cursor }, 0);
    return `"${/"resume":"(\w+)"/.exec(beginning)?.[1] ?? "no word"}"`;
  }

  async #leave() {
    await this.#swarm.call("drop");
    await this.#server.call("waitForConnections", 0);
  }

  async close() {
    await Promise.all([this.#server.close(), this.#swarm.close()]);
  }

  #opening() {
    return {
      port: this.#port,
      wire: this.#info.wire,
      count: this.#count,
      ownNumbers: this.#hasOwnNumbers,
    };
  }

  /** @param {number} expected @param {number} [except] */
  #settle(expected, except) {
    return this.#swarm.call("settle", {
      expected,
      published: this.#published,
      timeoutMs: SETTLE_MS,
      ...(except === undefined ? {} : { except }),
    });
  }
}

/** @param {number} count @param {ReturnType<typeof spent>} cost @returns {Sample} */
function per(count, { cpuMicros, userMicros, foreignShare }) {
  return {
    cpuMicros: cpuMicros / count,
    userMicros: userMicros / count,
    ...(foreignShare === undefined ? {} : { foreignShare }),
  };
}

/** Whether a sample may count at all. @param {Sample} sample */
export function isSound({ verdict }) {
  return verdict === undefined || isWhole(verdict);
}
