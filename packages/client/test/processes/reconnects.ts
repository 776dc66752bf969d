import { createClient } from "../../src/index.js";
import { createFakeToken, createFaultServer } from "../../src/testing/index.js";

/**
 * Prints the heap after each of some rounds of reconnects, in bytes, and how many of the connections are still in memory.
 * Run with `--expose-gc`.
 */
const [transport = "sse", rounds = "6", perRound = "200"] = process.argv.slice(2);
/** What connections were made of: of SSE the answer, and the signal that the client keeps to end it. */
const made: WeakRef<Response | AbortSignal | WebSocket>[] = [];
await using server = await createFaultServer();
const client = createClient({
  url: server.url,
  token: createFakeToken("1"),
  transport: transport as "sse" | "websocket",
  backoff: { baseMs: 1, capMs: 1 },
  async fetch(input, init) {
    const response = await fetch(input, init);
    made.push(new WeakRef(response));
    if (init?.signal instanceof AbortSignal) made.push(new WeakRef(init.signal));
    return response;
  },
  WebSocket: class extends WebSocket {
    constructor(...values: ConstructorParameters<typeof WebSocket>) {
      super(...values);
      made.push(new WeakRef(this));
    }
  },
});
client.on("notification", () => undefined);
client.connect();
while (client.counts.connections === 0) await new Promise((done) => setTimeout(done, 1));
server.publish("user/1", "notification", {});
const heap: number[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (let n = 0; n < Number(perRound); n += 1) {
    const before = client.counts.connections;
    server.cut();
    while (client.counts.connections === before) await new Promise((done) => setTimeout(done, 1));
  }
  // The server's diary is not what is measured.
  (server.requests as unknown[]).length = 0;
  // What is being closed is let go of before it is counted.
  await new Promise((done) => setTimeout(done, 100));
  (globalThis as unknown as { gc: () => void }).gc();
  heap.push(process.memoryUsage().heapUsed);
}
const alive = made.filter((reference) => reference.deref() !== undefined).length;
client.close();
process.stdout.write(
  JSON.stringify({ heap, alive, made: made.length, connections: client.counts.connections }),
);
