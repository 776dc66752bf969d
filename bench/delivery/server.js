// The process of one server under test: `node server.js <peer>`, called by the harness.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Publisher } from "./publisher.js";
import { serveCalls } from "./remote.js";

const { createPeer } = await import(`./servers/${process.argv[2]}.js`);
/** @type {import("./wire.js").Peer} */
const peer = await createPeer({ secret: process.env["BENCH_SECRET"] ?? "" });

const sockets = /** @type {Set<import("node:net").Socket>} */ (new Set());
peer.http.on("connection", (socket) => {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
});
const publisher = new Publisher(peer, sockets);

/** Waits until as many as that get messages. @param {number} count */
async function waitForConnections(count) {
  const giveUpAt = performance.now() + 20_000;
  while (peer.connections() !== count) {
    if (performance.now() > giveUpAt)
      throw new Error(`Expected ${count} connections, there are ${peer.connections()}`);
    await sleep(5);
  }
}

async function collectGarbage() {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await sleep(50);
  }
}

let profiler = /** @type {Session | undefined} */ (undefined);

async function startProfile() {
  profiler = new Session();
  profiler.connect();
  await profiler.post("Profiler.enable");
  await profiler.post("Profiler.setSamplingInterval", { interval: 200 });
  await profiler.post("Profiler.start");
}

/** @param {string} file */
async function stopProfile(file) {
  const result = await profiler?.post("Profiler.stop");
  if (result !== undefined) writeFileSync(file, JSON.stringify(result.profile));
  profiler?.disconnect();
}

serveCalls({
  listen: () =>
    new Promise((resolve) => {
      peer.http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
        const address = peer.http.address();
        resolve(typeof address === "object" ? address?.port : undefined);
      });
    }),
  waitForConnections,
  connections: () => peer.connections(),
  cursor: () => peer.cursor(),
  /** @param {import("./publisher.js").Plan} plan */
  publish: (plan) => publisher.publish(plan),
  collectGarbage,
  startProfile,
  stopProfile,
  memory: () => process.memoryUsage(),
  cost: () => {
    const { user, system } = process.cpuUsage();
    return { cpuMicros: user + system, userMicros: user, systemMicros: system };
  },
});
