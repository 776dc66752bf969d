import { describe, expect, it } from "vitest";
import type { Topic } from "../../src/protocol/index.js";
import type { WireClient } from "../support/wire-client.js";
import { startGatewayServer, type TransportKind } from "../support/gateway-server.js";
import { createRandom } from "../support/random.js";

const SOAKS = Number(process.env["INKWIRE_SOAK_RUNS"] ?? 0) > 0;
const SEED = Number(process.env["INKWIRE_SOAK_SEED"] ?? Date.now() % 0x7fff_ffff);
const USERS = SOAKS ? 100 : 20;
const CLIENTS = SOAKS ? 300 : 60;
const MESSAGES = SOAKS ? 20_000 : 3_000;
/** Published in one turn; at about a hundred turns a second. */
const PER_TURN = SOAKS ? 40 : 20;

/** One reader over all its connections: what it has, and where it would go on. */
interface Reader {
  readonly userId: string;
  readonly seen: number[];
  cursor: string | undefined;
  client: WireClient | undefined;
  since: number;
  isBusy: boolean;
}

function settle(reader: Reader): void {
  for (const { type, data } of reader.client?.received ?? []) {
    if (type === "note") reader.seen.push(data.n as number);
  }
  reader.cursor = reader.client?.cursor ?? reader.cursor;
  reader.client = undefined;
}

describe.each<TransportKind>(["sse-node", "sse-web", "websocket"])("%s", (kind) => {
  it(
    `loses and doubles nothing while clients come and go at random (seed ${SEED})`,
    { timeout: SOAKS ? 600_000 : 60_000 },
    async () => {
      const random = createRandom(SEED);
      await using server = await startGatewayServer(kind, {
        realClock: true,
        maxConnectionsPerUser: 1_000,
        history: { maxMessages: MESSAGES + 1, maxBytes: 1_000_000_000 },
      });
      const sent = new Map<Topic, number[]>();
      const tokens = new Map<string, string>();
      for (let user = 0; user < USERS; user += 1)
        tokens.set(`${user}`, await server.token(`${user}`));
      const start = server.bus.head();
      const readers = Array.from({ length: CLIENTS }, (_, index): Reader => ({
        userId: `${index % USERS}`,
        seen: [],
        cursor: start,
        client: undefined,
        since: 0,
        isBusy: false,
      }));

      const connect = async (reader: Reader) => {
        reader.isBusy = true;
        const { userId, cursor } = reader;
        reader.client = await server.connect(userId, { token: tokens.get(userId), cursor });
        reader.isBusy = false;
      };
      const disconnect = async (reader: Reader) => {
        reader.isBusy = true;
        await reader.client?.[Symbol.asyncDispose]();
        settle(reader);
        reader.isBusy = false;
      };

      const changes: Promise<void>[] = [];
      for (let n = 0; n < MESSAGES;) {
        for (let burst = 0; burst < PER_TURN && n < MESSAGES; burst += 1, n += 1) {
          const topic: Topic = random() < 0.02 ? "all" : `user/${Math.floor(random() * USERS)}`;
          sent.set(topic, [...(sent.get(topic) ?? []), n]);
          void server.note(topic, n);
        }
        for (let change = 0; change < 4; change += 1) {
          const reader = readers[Math.floor(random() * readers.length)];
          if (reader === undefined || reader.isBusy) continue;
          changes.push(reader.client === undefined ? connect(reader) : disconnect(reader));
        }
        await new Promise((resolve) => setTimeout(resolve, random() < 0.5 ? 0 : 5));
      }
      await Promise.all(changes);

      for (const reader of readers) if (reader.client === undefined) await connect(reader);
      const owed = (userId: string) =>
        [...(sent.get("all") ?? []), ...(sent.get(`user/${userId}`) ?? [])].toSorted(
          (a, b) => a - b,
        );
      for (const reader of readers) {
        const want = owed(reader.userId);
        const has = () =>
          reader.seen.length +
          (reader.client?.received.filter(({ type }) => type === "note").length ?? 0);
        await expect.poll(has, { timeout: 20_000 }).toBe(want.length);
        await disconnect(reader);
        expect(reader.seen).toEqual(want);
      }
      await expect.poll(() => server.gateway.connections.counts.total).toBe(0);
      expect(server.gateway.stats()).toMatchObject({ slow: 0, silent: 0, queuedBytes: 0 });
      expect(server.bus.stats().subscriptions).toBe(0);
    },
  );
});
