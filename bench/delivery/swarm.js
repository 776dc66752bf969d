// The process of the clients: `node swarm.js`, called by the harness. It parses nothing, so that it keeps up.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "./client.js";
import { handshakes } from "./handshakes.js";
import { nowMicros } from "./marker.js";
import { USER_SPAN } from "./publisher.js";
import { serveCalls } from "./remote.js";
import { percentile } from "./statistics.js";
import { sumVerdicts, Tally } from "./tally.js";

/** So many are on their way in at once: less than what a listening socket lets wait. */
const OPENING_AT_ONCE = 400;
/** Latencies that are kept of one measurement, the first ones. */
const MAX_LATENCIES = 200_000;

let tokens = /** @type {readonly string[]} */ ([]);
let clients = /** @type {Client[]} */ ([]);
let delivered = 0;
let latencies = new Float64Array(MAX_LATENCIES);
let isSpinning = false;

/** @param {number} sentMicros */
function onDelivery(sentMicros) {
  if (delivered < MAX_LATENCIES) latencies[delivered] = nowMicros() - sentMicros;
  delivered += 1;
}

/** Keeps this process from sleeping, so that no server pays for waking it up. */
function spin() {
  if (isSpinning) setImmediate(spin);
}

/**
 * @typedef {object} Opening
 * @property {number} port
 * @property {keyof typeof handshakes} wire
 * @property {number} count
 * @property {boolean} ownNumbers - each gets messages of its own, numbered apart
 * @property {string} [cursor]
 * @property {number} [skipTo] - the number that comes next, for those who come back
 */

/** @param {Opening} opening @param {number} user @param {number} [keepBytes] */
function makeClient({ port, wire, ownNumbers, cursor, skipTo }, user, keepBytes = 0) {
  const tally = ownNumbers ? new Tally(user * USER_SPAN, USER_SPAN) : new Tally();
  if (skipTo !== undefined) tally.skipTo(skipTo);
  const asking = { user, token: tokens[user] ?? "", cursor };
  return new Client({ port, handshake: handshakes[wire], asking, tally, onDelivery, keepBytes });
}

serveCalls({
  /** @param {readonly string[]} given - of user 0, 1, … */
  setTokens(given) {
    tokens = given;
  },

  /** @param {Opening} opening */
  async open(opening) {
    let user = 0;
    const openNext = async () => {
      while (user < opening.count) {
        const client = makeClient(opening, user);
        clients[user] = client;
        user += 1;
        await client.opened;
      }
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
  },

  /** One client comes back in the place of the old one. @param {Opening} opening @param {number} user */
  async reopen(opening, user) {
    clients[user]?.drop();
    const client = makeClient(opening, user, 1000);
    clients[user] = client;
    await client.opened;
    // What it missed may be megabytes; how the answer begins is all that is asked here.
    await sleep(500);
    return client.beginning;
  },

  drop() {
    for (const client of clients) client.drop();
    clients = [];
  },

  /** @param {number} user @returns {number} its port, by which the server knows it */
  stall(user) {
    clients[user]?.stall();
    return clients[user]?.localPort ?? 0;
  },

  begin() {
    delivered = 0;
    isSpinning = true;
    spin();
  },

  /**
   * Waits for what is still on its way, and tells how it came.
   *
   * @param {{ expected: number, published: number, except?: number, timeoutMs: number }} options - `published`: numbers of
   *   each connection since it is there; `except`: a client that does not count
   */
  async settle({ expected, published, except, timeoutMs }) {
    const giveUpAt = performance.now() + timeoutMs;
    const isComplete = () => delivered >= expected;
    while (!isComplete() && performance.now() < giveUpAt) await sleep(5);
    // Something doubled would come after everything else.
    await sleep(20);
    isSpinning = false;
    const sorted = latencies.subarray(0, Math.min(delivered, MAX_LATENCIES)).toSorted();
    return {
      delivered,
      ...sumVerdicts(
        clients.filter((_, user) => user !== except).map(({ tally }) => tally.verdict(published)),
      ),
      p50Ms: percentile(sorted, 0.5) / 1000,
      p99Ms: percentile(sorted, 0.99) / 1000,
      closed: clients.filter(({ isClosed }) => isClosed).length,
    };
  },
});
