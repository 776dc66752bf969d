// What is measured: each scenario is one start of a server with its clients, and gives the rows that need that start.

/** @typedef {import("./bench-session.js").BenchSession} BenchSession */
/** @typedef {import("./bench-session.js").Sample} Sample */
/** @typedef {import("./peers.js").PeerName} PeerName */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {readonly PeerName[]} peers - measured in each round: the gates need them
 * @property {readonly PeerName[]} others - measured in every third round, to be shown beside them
 * @property {(session: BenchSession, scale: Scale) => AsyncIterable<[row: string, sample: Sample]>} measure
 */

/** How much is done: `--quick` does a tenth of the time, and is good for a look. @typedef {{ isQuick: boolean }} Scale */

/** Before a measurement the code is warm, as a server is after its first minute. */
const WARM_UP = 40;

/** @type {readonly Scenario[]} */
export const scenarios = [
  {
    name: "fan-out",
    peers: ["bare-socket", "inkwire", "ws-frame", "inkwire-ws"],
    others: ["node-http", "better-sse", "h3-event-stream", "ws-send", "socket-io"],
    async *measure(session, { isQuick }) {
      await session.connect(1000);
      await session.deliver({ messages: WARM_UP });
      yield await session.row("fan-out-1000", { messages: isQuick ? 60 : 150 });
      await session.deliver({ messages: WARM_UP, perTurn: 10 });
      yield await session.row("burst", { messages: isQuick ? 200 : 400, perTurn: 10 });
      yield await session.row("latency", { messages: isQuick ? 30 : 50, perSecond: 20 });
    },
  },
  {
    name: "idle",
    peers: ["bare-socket", "inkwire", "ws-frame", "inkwire-ws"],
    others: ["node-http", "better-sse", "h3-event-stream", "ws-send", "socket-io"],
    async *measure(session, { isQuick }) {
      yield ["idle", await session.idle(5000)];
      await session.deliver({ messages: 8 });
      yield await session.row("fan-out-5000", { messages: isQuick ? 12 : 30 });
    },
  },
  {
    name: "targeted",
    peers: ["bare-socket", "inkwire", "ws-frame", "inkwire-ws"],
    others: ["better-sse", "h3-event-stream", "socket-io"],
    async *measure(session, { isQuick }) {
      await session.connect(2000, { ownNumbers: true });
      await session.deliver({ messages: 15, users: 2000, perTurn: 50 });
      const messages = isQuick ? 15 : 40;
      yield await session.row("targeted", { messages, users: 2000, perTurn: 50 });
    },
  },
  {
    name: "storm",
    peers: ["bare-socket", "inkwire"],
    others: ["better-sse", "h3-event-stream"],
    async *measure(session) {
      await session.storm(2000, 10);
      yield await session.stormRow("storm", 2000, 100);
    },
  },
  {
    name: "stalled",
    peers: [],
    others: ["bare-socket", "inkwire", "better-sse", "h3-event-stream", "ws-send", "socket-io"],
    async *measure(session, { isQuick }) {
      await session.connect(100);
      yield [
        "stalled",
        await session.stall({ messages: isQuick ? 2500 : 10_000, textBytes: 20_000 }),
      ];
    },
  },
];

/**
 * A column of a row's table.
 *
 * @typedef {object} Column
 * @property {string} title
 * @property {keyof Sample} key
 * @property {number} [digits] - after the point; a word without
 * @property {boolean} [isRatio] - against the floor of the peer's wire
 */

/** @typedef {{ title: string, columns: readonly Column[] }} Row */

const CPU = /** @type {Column} */ ({ title: "CPU µs / delivery", key: "cpuMicros", digits: 2 });
const USER = /** @type {Column} */ ({ title: "of that, user", key: "userMicros", digits: 2 });
const CPU_RATIO = /** @type {Column} */ ({
  title: "× floor",
  key: "cpuMicros",
  digits: 2,
  isRatio: true,
});
const MEMORY_RATIO = /** @type {Column} */ ({ ...CPU_RATIO, key: "kib" });

/** @type {Readonly<Record<string, Row>>} */
export const rows = {
  "fan-out-1000": {
    title: "Fan-out: 1,000 connections, one message a turn",
    columns: [CPU, USER, CPU_RATIO],
  },
  "fan-out-5000": {
    title: "Fan-out: 5,000 connections, one message a turn",
    columns: [CPU, USER, CPU_RATIO],
  },
  burst: {
    title: "Bursts: 1,000 connections, 10 messages a turn (the floors join them into one write)",
    columns: [CPU, USER, CPU_RATIO],
  },
  targeted: {
    title: "Targeted: 2,000 users, each its own topic, 50 messages a turn",
    columns: [CPU, USER, CPU_RATIO],
  },
  latency: {
    title: "Latency: 20 messages a second to 1,000 connections",
    columns: [
      { title: "p50 ms", key: "p50Ms", digits: 1 },
      { title: "× floor", key: "p50Ms", digits: 2, isRatio: true },
      { title: "p99 ms", key: "p99Ms", digits: 1 },
      { title: "× floor", key: "p99Ms", digits: 2, isRatio: true },
      CPU,
      CPU_RATIO,
    ],
  },
  idle: {
    title: "Idle: 5,000 connections, each with its user and topics",
    columns: [{ title: "KiB / connection", key: "kib", digits: 1 }, MEMORY_RATIO],
  },
  storm: {
    title: "Reconnect storm: 2,000 clients come back at once, each replays 100 messages",
    columns: [
      { title: "CPU µs / client", key: "cpuMicros", digits: 0 },
      CPU_RATIO,
      { title: "wall ms", key: "wallMs", digits: 0 },
    ],
  },
  stalled: {
    title: "Stalled: 1 of 100 clients stops reading, messages of 20 KB to all",
    columns: [
      { title: "growth MB, at most", key: "growthMb", digits: 0 },
      { title: "MB kept", key: "keptMb", digits: 0 },
      { title: "CPU µs / delivery", key: "cpuMicros", digits: 1 },
      { title: "the stalled one", key: "stalled" },
    ],
  },
};
