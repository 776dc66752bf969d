import { Queue } from "bullmq";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRedisLine, type RedisLine } from "../../src/redis/line.js";
import { keepTickets, type TicketsOptions } from "../../src/redis/tickets.js";
import { hasRedis } from "../support/redis-server.js";
import { shareRedis } from "../support/test-home.js";

interface Keeping extends AsyncDisposable {
  readonly line: RedisLine;
  readonly tickets: Queue;
  readonly problems: unknown[];
  readonly forgotten: string[];
  add(): Promise<void>;
  stop(): void;
  /** Lets it look once, and waits until it has. */
  look(): Promise<void>;
}

describe.skipIf(!hasRedis)("the keeper of tickets", () => {
  const shared = shareRedis();
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  async function open(
    options: Partial<TicketsOptions> & { readonly own?: readonly string[] } = {},
  ): Promise<Keeping> {
    const prefix = shared.newPrefix();
    const line = options.line ?? createRedisLine(shared.redis, `{${prefix}}`);
    const connection = shared.redis.duplicate({ maxRetriesPerRequest: null });
    const tickets = new Queue("tickets", {
      connection,
      prefix: `{${prefix}}`,
      skipVersionCheck: true,
    });
    await tickets.waitUntilReady();
    const problems: unknown[] = [];
    const forgotten: string[] = [];
    /** How many came to their end, by what they ask for last. */
    let looks = 0;
    const keeping = keepTickets({
      line,
      tickets,
      mayForget() {
        looks += 1;
        return options.own ?? [];
      },
      forget: (jobId) => void forgotten.push(jobId),
      onProblem: (problem) => void problems.push(problem),
    });
    return {
      ...keeping,
      line,
      tickets,
      problems,
      forgotten,
      async look() {
        const before = looks + problems.length;
        vi.advanceTimersByTime(5_000);
        await expect.poll(() => looks + problems.length, { interval: 5 }).toBeGreaterThan(before);
      },
      async [Symbol.asyncDispose]() {
        keeping.stop();
        await tickets.close();
        connection.disconnect();
      },
    };
  }

  it("makes good the ticket that a kill between two commands left out, when it is missing for two looks", async () => {
    await using keeping = await open();
    await keeping.line.push("a", "me", 0);
    await keeping.line.push("b", "me", 0);
    await keeping.add();
    await keeping.look();
    // It may have been a moment between two commands of another node.
    expect(await keeping.tickets.getWaitingCount()).toBe(1);
    await keeping.look();
    await expect.poll(() => keeping.tickets.getWaitingCount()).toBe(2);
    await keeping.look();
    await keeping.look();
    expect(await keeping.tickets.getWaitingCount()).toBe(2);
  });

  it("gives back the place of a job whose ticket is gone, and leaves one alone whose ticket is there", async () => {
    await using keeping = await open();
    await keeping.add();
    const [ticket] = await keeping.tickets.getWaiting();
    await keeping.line.push("kept", "me", 0);
    expect(await keeping.line.take(ticket?.id ?? "")).toBe("kept");
    await keeping.line.push("orphan", "me", 0);
    expect(await keeping.line.take("gone")).toBe("orphan");
    await keeping.look();
    expect(await keeping.line.holds("orphan")).toBe(true);
    await keeping.look();
    await expect.poll(() => keeping.line.holds("orphan")).toBe(false);
    expect(await keeping.line.holds("kept")).toBe(true);
    // The next of this owner has nobody before it who does not run.
    expect(await keeping.line.tickets()).toEqual([ticket?.id]);
  });

  it("tells of the end of what is neither waiting nor running anywhere, as the word of it went lost", async () => {
    await using keeping = await open({ own: ["waits", "ended", "runs"] });
    await keeping.line.push("runs", "me", 1);
    await keeping.line.take("ticket");
    await keeping.line.push("waits", "me", 0);
    await keeping.look();
    await expect.poll(() => keeping.forgotten).toEqual(["ended"]);
    expect(keeping.problems).toEqual([]);
  });

  it("says what went wrong, and looks again", async () => {
    const lost = new Error("The connection broke.");
    let isBroken = true;
    const line = {
      waiting: async () => {
        if (isBroken) throw lost;
        return 1;
      },
      tickets: async () => [],
    };
    await using keeping = await open({ line: line as unknown as RedisLine });
    await keeping.look();
    expect(keeping.problems).toEqual([lost]);
    isBroken = false;
    await keeping.look();
    await keeping.look();
    await expect.poll(() => keeping.tickets.getWaitingCount()).toBe(1);
    expect(keeping.problems).toEqual([lost]);
  });

  it("looks no more once it is stopped", async () => {
    let asked = 0;
    const line = { waiting: async () => (asked += 1) };
    await using keeping = await open({ line: line as unknown as RedisLine });
    keeping.stop();
    vi.advanceTimersByTime(60_000);
    expect(asked).toBe(0);
  });
});
