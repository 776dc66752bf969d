// Clients that come and go at random, as bare sockets: `<seed> <first client> <clients> <users>`. The first line from outside says
// where the server is. They stay once a second line says what each user had, and a line says what each of them got.
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../support/random.js";

const [seed = 0, first = 0, count = 0, users = 0] = process.argv.slice(2).map(Number);
const MAX_STAY_MS = 12_000;
const MAX_AWAY_MS = 3_000;
/** Longer than what stands before the number in any message. */
const TAIL = 300;

/** A message in any framing: its cursor, its audience and its number. A part of one is none. */
const NOTE =
  /\{"id":"([^"]+)","type":"note","topic":"(all|user\/\d+)","time":"[^"]+","data":\{"n":(\d+),|"resume":"(\w+)"/g;

interface Hello {
  readonly port: number;
  readonly cursor: string;
  readonly tokens: readonly string[];
}

const random = createRandom(seed);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async <T>() => JSON.parse(String((await lines.next()).value)) as T;
const { port, cursor: start, tokens } = await read<Hello>();

/** The numbers that are left to come make everything lost, doubled or out of order show. */
class Client {
  readonly user: number;
  readonly #isWebSocket: boolean;
  /** The last numbers of its own messages and of those for all. */
  readonly had = { own: 0, all: 0 };
  wrong: string | undefined;
  #cursor = start;
  #socket: Socket | undefined;
  #tail = "";

  constructor(index: number) {
    this.user = index % users;
    this.#isWebSocket = index % 3 === 0;
  }

  get isThere(): boolean {
    return this.#socket !== undefined;
  }

  come(): void {
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    this.#tail = "";
    socket.on("error", () => {});
    // A server that finds it slow ends it, and it comes back with what it has.
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.on("data", (bytes) => {
      if (this.#socket === socket) this.#read(bytes.toString("latin1"));
    });
    const query = `token=${tokens[this.user]}&last_event_id=${this.#cursor}`;
    socket.write(
      this.#isWebSocket
        ? `GET /ws?${query} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
        : `GET /events?${query} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
  }

  /** In the middle of whatever is said just then. */
  go(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (random() < 0.8) socket?.resetAndDestroy();
    else socket?.destroy();
  }

  #read(text: string): void {
    const seen = this.#tail + text;
    let end = 0;
    for (const match of seen.matchAll(NOTE)) {
      end = match.index + match[0].length;
      const [, id, topic, n, verdict] = match;
      if (id !== undefined) this.#take(id, topic ?? "", Number(n));
      else if (verdict !== "recovered") this.wrong ??= `was told "${verdict}"`;
    }
    this.#tail = seen.slice(Math.max(end, seen.length - TAIL));
  }

  #take(id: string, topic: string, n: number): void {
    const kind = topic === "all" ? "all" : "own";
    if (kind === "own" && topic !== `user/${this.user}`) this.wrong ??= `got one of ${topic}`;
    if (n !== this.had[kind] + 1) this.wrong ??= `got ${topic} ${n} after ${this.had[kind]}`;
    this.had[kind] = n;
    this.#cursor = id;
  }
}

const clients = Array.from({ length: count }, (_, index) => new Client(first + index));
let comings = 0;
const over = new AbortController();
/** At most so long: when it is over, everybody moves at once. */
const pause = (ms: number) => sleep(ms, undefined, { signal: over.signal }).catch(() => {});

async function live(client: Client): Promise<void> {
  await pause(random() * 2_000);
  while (!over.signal.aborted) {
    comings += 1;
    client.come();
    await pause(random() * MAX_STAY_MS);
    client.go();
    await pause(random() * MAX_AWAY_MS);
  }
}

const lives = clients.map(live);
const { counts } = await read<{ readonly counts: readonly number[] }>();
over.abort();
await Promise.all(lives);

const all = counts[users] ?? 0;
const isWhole = ({ user, had, wrong }: Client) =>
  wrong === undefined && had.own === counts[user] && had.all === all;
const giveUpAt = performance.now() + 90_000;
while (!clients.every((client) => isWhole(client) || client.wrong !== undefined)) {
  if (performance.now() > giveUpAt) break;
  for (const client of clients) if (!client.isThere && !isWhole(client)) client.come();
  await sleep(50);
}
// What is doubled would come after everything else.
await sleep(500);
const broken = clients.filter((client) => !isWhole(client));
process.stdout.write(
  `${JSON.stringify({
    comings,
    delivered: clients.reduce((sum, { had }) => sum + had.own + had.all, 0),
    broken: broken.length,
    first: broken
      .slice(0, 3)
      .map(
        ({ user, had, wrong }) =>
          `user ${user}: ${wrong ?? `has ${JSON.stringify(had)} of ${counts[user]} and ${all}`}`,
      ),
  })}\n`,
);
process.exit();
