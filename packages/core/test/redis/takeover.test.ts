import { describe, expect, it } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { openBookNodes } from "./support/book-nodes.js";

const request = { title: "Boats", words: 3_000 };

describe.skipIf(!hasRedis)("a book that several nodes may write", () => {
  it("goes on inside its chapters on another node when the one that writes it is killed", async () => {
    await using room = await openBookNodes({ chapters: 5, leaseTtlMs: 1_500 });
    const one = await room.start();
    await room.books.create("ada", { ...request, chapters: 5 });
    await expect.poll(() => one.said).toContain("processing");
    const two = await room.start();
    // Some chapters are in the middle, and perhaps one is done.
    await expect.poll(() => room.model.reached).toBeGreaterThan(3_000);
    await one.kill();
    await room.keep();
    expect(two.said).not.toContain("processing");

    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    expect(two.said).toContain("processing");
    room.checkBill();
    const texts = (await room.books.chapters("ada", 1)).map(({ text }) => text);
    expect(texts).toEqual(room.story.chapters);
    expect(room.model.outlines).toBe(1);
  });

  it("is left to another node by one that ends in good order, and hears of a cancel from a third", async () => {
    // At this pace it would take half a minute.
    await using room = await openBookNodes({ chapters: 9, leaseTtlMs: 1_500, pauseMs: 100 });
    const one = await room.start();
    await room.books.create("ada", { ...request, chapters: 9 });
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
    // Without a signal it would be looked for every two seconds.
    console.log(
      `a cancel reached the other node, and its end this one, in ${Math.round(tookMs)} ms`,
    );
    expect(tookMs).toBeLessThan(1_500);
    await expect.poll(() => two.said.at(-1)).toBe("cancelled");
  });
});
