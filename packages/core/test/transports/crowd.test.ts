import { expect, it } from "vitest";
import { startSource, type SourceProcess } from "../support/source-process.js";

const SEED = Number(process.env["INKWIRE_SOAK_SEED"] ?? Date.now() % 0x7fff_ffff);
const CLIENTS = 2_000;
const USERS = 1_000;
const PER_SECOND = 10_000;
const MESSAGES = 300_000;
/** On a machine that does not reach the rate there are fewer messages. */
const MAX_SECONDS = 60;
const PROCESSES = 3;

const read = async <T>(from: SourceProcess) => JSON.parse((await from.line()) ?? "null") as T;

/**
 * The server has a process of its own and so have the clients, since one could not be both at this rate. Each message has the
 * next number of its audience, so what is lost, doubled or out of order shows at the client that it happens to.
 */
it(
  `loses and doubles nothing at ${PER_SECOND} messages a second, while ${CLIENTS} clients come and go (seed ${SEED})`,
  { timeout: 300_000 },
  async () => {
    const args = [SEED, USERS, PER_SECOND, MESSAGES, MAX_SECONDS].map(String);
    await using server = startSource("processes/crowd-server.ts", import.meta.url, args);
    const hello = await read<object>(server);
    const share = Math.ceil(CLIENTS / PROCESSES);
    await using parts = new AsyncDisposableStack();
    const crowds = Array.from({ length: PROCESSES }, (_, index) => {
      const first = index * share;
      const count = Math.min(share, CLIENTS - first);
      const own = [SEED + index + 1, first, count, USERS].map(String);
      return parts.use(startSource("processes/crowd-clients.ts", import.meta.url, own));
    });
    for (const crowd of crowds) crowd.child.stdin?.write(`${JSON.stringify(hello)}\n`);
    server.child.stdin?.write("go\n");
    const done = await read<{ published: number; seconds: number; counts: number[] }>(server);
    for (const crowd of crowds) crowd.child.stdin?.write(`${JSON.stringify(done)}\n`);
    const reports = await Promise.all(
      crowds.map((crowd) =>
        read<{ comings: number; delivered: number; broken: number; first: string[] }>(crowd),
      ),
    );
    server.child.stdin?.write("stats\n");
    const stats = await read<object>(server);
    const sum = (key: "comings" | "delivered" | "broken") =>
      reports.reduce((total, report) => total + report[key], 0);
    const rate = Math.round(done.published / done.seconds);
    process.stdout.write(
      `seed ${SEED}: ${done.published} messages at ${rate} a second, ${sum("comings")} comings, ${sum("delivered")} deliveries; ${JSON.stringify(stats)}\n`,
    );
    expect(reports.flatMap(({ first }) => first)).toEqual([]);
    expect(sum("broken")).toBe(0);
    const all = done.counts.at(-1) ?? 0;
    const own = done.counts.slice(0, USERS).reduce((total, count) => total + count, 0);
    expect(sum("delivered")).toBe(own * (CLIENTS / USERS) + all * CLIENTS);
  },
);
