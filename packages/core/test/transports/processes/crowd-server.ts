// A server that publishes as fast as it is asked to: `<seed> <users> <messages a second> <messages> <seconds at most>`. One line
// says where it is; after a line from outside it publishes, and says how many each user had.
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startGatewayServer } from "../../support/gateway-server.js";
import { createRandom } from "../../support/random.js";

const [seed = 0, users = 0, perSecond = 0, messages = 0, seconds = 0] = process.argv
  .slice(2)
  .map(Number);
/** Every two thousandth is for all: with 2,000 clients as many deliveries as all others together. */
const SHARE_OF_ALL = 0.0005;
/** So many in one turn at most: a server that fell behind must not stop reading. */
const MAX_PER_TURN = 400;

const server = await startGatewayServer("sse-node", {
  realClock: true,
  maxConnectionsPerUser: 1_000,
  // The peers are bare sockets, which answer no ping.
  heartbeatMs: 300_000,
  history: { maxMessages: messages, maxBytes: 1_000_000_000 },
  onEvent: () => {},
});
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const tokens = await Promise.all(
  Array.from({ length: users }, (_, user) => server.token(`${user}`)),
);
say({ port: server.port, cursor: server.bus.head(), tokens });

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
await lines.next();
const random = createRandom(seed);
/** Of each user, and last those of all: the next message has the next number of its audience. */
const counts = Array.from({ length: users + 1 }, () => 0);
const startedAt = performance.now();
const elapsed = () => (performance.now() - startedAt) / 1000;
let published = 0;
while (published < messages && elapsed() < seconds) {
  const due = Math.min(messages, Math.floor(elapsed() * perSecond), published + MAX_PER_TURN);
  for (; published < due; published += 1) {
    const audience = random() < SHARE_OF_ALL ? users : Math.floor(random() * users);
    const n = (counts[audience] ?? 0) + 1;
    counts[audience] = n;
    void server.note(audience === users ? "all" : `user/${audience}`, n);
  }
  await sleep(1);
}
say({ published, seconds: elapsed(), counts });

await lines.next();
const { deliveredMessages, replayedMessages, opened, slow } = server.gateway.stats();
say({ deliveredMessages, replayedMessages, opened, slow });
await server[Symbol.asyncDispose]();
process.exit();
