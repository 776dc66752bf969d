import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { openBookNodes, type BookNodes } from "./support/book-nodes.js";

const chapters = 12;
const request = { title: "Boats", words: 7_000, chapters };
/** As it is where nobody sets it. */
const leaseTtlMs = 4_000;

/** The whole book, word for word, from one outline. */
async function expectWhole(room: BookNodes): Promise<void> {
  expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
  const texts = (await room.books.chapters("ada", 1)).map(({ text }) => text);
  expect(texts).toEqual(room.story.chapters);
  expect(room.model.outlines).toBe(1);
}

describe.skipIf(!hasRedis)(`a book of ${chapters} chapters on several nodes`, () => {
  it("goes on elsewhere within 10 s when its node is killed, and no finished chapter is bought again", async () => {
    await using room = await openBookNodes({ chapters, leaseTtlMs });
    const { writer, other } = await room.begin(request);
    await expect.poll(() => room.model.reached, { interval: 5 }).toBeGreaterThan(7_000);
    await writer.kill();
    const killed = performance.now();
    await room.keep();
    const bought = room.model.sales.length;
    await expect.poll(() => room.model.sales.length, { interval: 20 }).toBeGreaterThan(bought);
    const tookMs = performance.now() - killed;
    console.log(`the other node went on after ${Math.round(tookMs)} ms`);
    await expectWhole(room);
    room.checkBill();
    expect(other.said).toContain("processing");
    expect(tookMs).toBeLessThan(10_000);
  });

  it("goes on when Redis crashes and comes back with its append-only file", async () => {
    await using room = await openBookNodes({ chapters, leaseTtlMs, appendOnly: true });
    await room.start();
    await room.start();
    await room.books.create("ada", request);
    for (const reached of [4_000, 9_000]) {
      await expect.poll(() => room.model.reached).toBeGreaterThan(reached);
      await room.keep();
      await room.redis.restart();
      await sleep(1_000);
      room.checkBill();
    }
    await expectWhole(room);
    room.checkBill();
  });

  it("is written by one node at a time when Redis does not answer for 10 s", async () => {
    await using room = await openBookNodes({ chapters, leaseTtlMs });
    const nodes = [await room.start(), await room.start()];
    await room.books.create("ada", request);
    await expect.poll(() => room.model.reached).toBeGreaterThan(4_000);
    await room.keep();
    process.kill(room.redis.pid, "SIGSTOP");
    await sleep(10_000);
    // Who wrote has stopped by now: it can't know whether another node took over.
    const bought = room.model.sales.length;
    const { reached } = room.model;
    await sleep(500);
    expect(room.model.sales.length).toBe(bought);
    expect(room.model.reached).toBe(reached);
    process.kill(room.redis.pid, "SIGCONT");
    await expectWhole(room);
    room.checkBill();
    expect(nodes.flatMap(({ said }) => said)).not.toContain("failed");
  });

  it("is written by one node at a time while answers take longer than a lease lives, and goes on when they do not", async () => {
    const ttlMs = 1_000;
    await using room = await openBookNodes({
      chapters,
      leaseTtlMs: ttlMs,
      appendOnly: true,
      pauseMs: 10,
    });
    await using proxy = await startTcpProxy(room.redis.port);
    const nodes = [await room.start(proxy.port), await room.start(proxy.port)];
    await room.books.create("ada", request);
    await expect.poll(() => room.model.reached).toBeGreaterThan(4_000);
    await room.keep();
    proxy.delay(1.5 * ttlMs);
    for (let round = 0; round < 4; round += 1) {
      await sleep(3 * ttlMs);
      room.checkBill();
      await room.keep();
    }
    proxy.delay(0);
    await expectWhole(room);
    room.checkBill();
    expect(nodes.flatMap(({ said }) => said)).not.toContain("failed");
  });

  it("is left to another node by one that ends in good order, and hears of a cancel from a third", async () => {
    // At this pace it would take half a minute.
    await using room = await openBookNodes({ chapters, leaseTtlMs, pauseMs: 100 });
    const one = await room.start();
    await room.books.create("ada", request);
    await expect.poll(() => room.model.reached).toBeGreaterThan(300);
    const two = await room.start();
    one.process.child.stdin?.end();
    await one.process.ended;
    await room.keep();
    await expect.poll(() => two.said).toContain("processing");
    await expect.poll(() => room.model.sales.length).toBeGreaterThan(3);
    room.checkBill();

    const asked = performance.now();
    await room.books.cancel("ada", 1);
    const view = await room.books.wait("ada", 1);
    const tookMs = performance.now() - asked;
    expect(view).toMatchObject({ status: "cancelled" });
    console.log(
      `a cancel reached the other node, and its end this one, in ${Math.round(tookMs)} ms`,
    );
    await expect.poll(() => two.said.at(-1)).toBe("cancelled");
  });
});
