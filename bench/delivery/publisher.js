// Publishes inside the server's process, one turn of the event loop after the other, and never faster than the sockets take it.
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { encodeMarker, nowMicros } from "./marker.js";

/** While any socket has more than this in its queue, nothing is published. In bytes. */
const MAX_QUEUED_BYTES = 524_288;
/** The queues are looked at after each so many bytes of messages: a look at thousands of sockets is work too. */
const LOOK_EVERY_BYTES = 32_768;
/** About what a notification has on the wire. */
const NOTIFICATION_BYTES = 250;
/** Numbers of one user, when each has a topic of its own: user 3 has 3,001 to 4,000. */
export const USER_SPAN = 1000;

/** @typedef {import("./wire.js").Outgoing["topic"]} Topic */

/**
 * @typedef {object} Plan
 * @property {number} messages - to all, or to each user
 * @property {number} [users] - each has its own messages on its own topic
 * @property {number} [perTurn] - messages of one turn of the event loop. Default 1
 * @property {number} [perSecond] - turns a second. Default as fast as the sockets take it
 * @property {number} [textBytes] - how long the text of each is. Default that of a notification
 * @property {number} [stalledPort] - the client that does not read; it holds nobody up
 */

export class Publisher {
  #peer;
  #sockets;
  /** How many each audience had so far: `all`, or a user's number. @type {Map<Topic, number>} */
  #counts = new Map();

  /**
   * @param {import("./wire.js").Peer} peer
   * @param {ReadonlySet<import("node:net").Socket>} sockets
   */
  constructor(peer, sockets) {
    this.#peer = peer;
    this.#sockets = sockets;
  }

  /** @param {Plan} plan */
  async publish({ messages, users, perTurn = 1, perSecond, textBytes, stalledPort }) {
    /** @type {readonly Topic[]} */
    const audiences =
      users === undefined
        ? ["all"]
        : Array.from({ length: users }, (_, n) => /** @type {const} */ (`user/${n}`));
    const padding = "x".repeat(textBytes ?? 0);
    let turn = /** @type {Topic[]} */ ([]);
    const turnBytes = perTurn * (textBytes ?? NOTIFICATION_BYTES);
    let unseenBytes = 0;
    let due = performance.now();
    for (let round = 0; round < messages; round += 1) {
      for (const topic of audiences) {
        turn.push(topic);
        if (turn.length < perTurn) continue;
        const published = this.#peer.publish(turn.map((to) => this.#make(to, padding)));
        // A promise that waits for the one who does not read would hold up all the others.
        if (stalledPort === undefined) await published;
        turn = [];
        if (perSecond !== undefined) {
          due += 1000 / perSecond;
          await sleep(Math.max(0, due - performance.now()));
        } else await nextTurn();
        unseenBytes += turnBytes;
        if (unseenBytes < LOOK_EVERY_BYTES) continue;
        unseenBytes = 0;
        while (this.#queuedBytes(stalledPort) > MAX_QUEUED_BYTES) await nextTurn();
      }
    }
    if (turn.length > 0) await this.#peer.publish(turn.map((to) => this.#make(to, padding)));
    while (this.#queuedBytes(stalledPort) > 0) await sleep(1);
  }

  /** @param {Topic} topic @param {string} padding @returns {import("./wire.js").Outgoing} */
  #make(topic, padding) {
    const count = (this.#counts.get(topic) ?? 0) + 1;
    this.#counts.set(topic, count);
    const seq = topic === "all" ? count : Number(topic.slice(5)) * USER_SPAN + count;
    const marker = encodeMarker(nowMicros(), seq);
    if (padding !== "") return { topic, type: "bench_blob", data: { text: marker + padding } };
    return {
      topic,
      type: "notification",
      data: { id: `n-${seq}`, title: "Chapter done", message: `${marker} Next.`, type: "info" },
    };
  }

  /** Of the fullest socket. @param {number | undefined} stalledPort */
  #queuedBytes(stalledPort) {
    let most = 0;
    for (const socket of this.#sockets) {
      const { writableLength } = socket;
      if (writableLength > most && socket.remotePort !== stalledPort) most = writableLength;
    }
    return most;
  }
}
