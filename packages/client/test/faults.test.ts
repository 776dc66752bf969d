import { expect, it } from "vitest";
import { createFakeToken, type Faults } from "../src/testing/index.js";
import { collect, publish, range, start, until } from "./support/harness.js";

const isSoak = process.env["INKWIRE_SOAK_RUNS"] !== undefined;
const TOTAL = isSoak ? 50_000 : 10_000;
const BATCH = 25;
const seed = Number(process.env["INKWIRE_SOAK_SEED"] ?? Math.floor(Math.random() * 0x7fff_ffff));

/** Often enough for hundreds of connections in one run. */
const faults: Faults = { drop: 0.004, cut: 0.004, duplicate: 0.02, split: 0.05, halfOpen: 0.0001 };

it.concurrent.each(["sse", "websocket", "auto"] as const)(
  `hands out ${TOTAL} numbered messages exactly once and in order, whatever happens on the way, over %s`,
  async (transport) => {
    process.stdout.write(`seed ${seed} (INKWIRE_SOAK_SEED repeats it), ${transport}\n`);
    let tokens = 0;
    await using run = await start(
      { seed, faults, heartbeatMs: 400 },
      {
        token: ({ refresh }) => createFakeToken("1", { n: (tokens += refresh ? 1 : 0) }),
        transport,
        helloTimeoutMs: 1_000,
        backoff: { baseMs: 2, capMs: 20 },
      },
    );
    const numbers = collect(run.client);
    const second: number[] = [];
    run.client.on("notification", ({ data }) => second.push(Number(data.id)));
    const gaps: unknown[] = [];
    run.client.onGap((gap) => gaps.push(gap));
    const refusals = [500, 503, 429, 401, 302];
    let n = 0;
    run.server.refuse = () => {
      n += 1;
      // Every seventh connection is refused, each time in another way.
      return n % 7 === 0
        ? { status: refusals[(n / 7) % refusals.length] ?? 500, headers: { "retry-after": "0" } }
        : undefined;
    };
    run.client.connect();
    await until(() => run.client.counts.connections > 0);
    for (let from = 1; from <= TOTAL; from += BATCH) {
      publish(run.server, from, from + BATCH - 1);
      // Mostly live, and now and then far behind, so that much is replayed.
      if (from % 1_000 > 100)
        await until(() => numbers.length >= from, `message ${from} of seed ${seed}`, 30_000);
      if (from % 2_000 === 1) run.server.cut();
    }
    run.server.faults = {};
    await until(
      () => numbers.length >= TOTAL,
      `all of seed ${seed}`,
      isSoak ? 250_000 : 50_000,
    ).catch((error: unknown) => {
      throw new Error(`${numbers.length} of ${TOTAL}, ${JSON.stringify(run.client.state.get())}`, {
        cause: error,
      });
    });
    await new Promise((done) => setTimeout(done, 50));
    expect(gaps).toEqual([]);
    expect(numbers).toEqual(range(1, TOTAL));
    expect(second).toEqual(numbers);
    expect(run.client.counts.connections).toBeGreaterThan(20);
    expect(run.client.counts.duplicates).toBeGreaterThan(20);
  },
  isSoak ? 450_000 : 90_000,
);
