import { describe, expect, it } from "vitest";
import { hasRedis } from "../support/redis-server.js";
import { openBookNodes } from "./support/book-nodes.js";

const request = { title: "Boats", words: 3_000 };

describe.skipIf(!hasRedis)("a book that several nodes may write", () => {
  it("goes on inside its chapters on another node when the one that writes it is killed", async () => {
    await using room = await openBookNodes({ chapters: 4, leaseTtlMs: 1_500 });
    const { writer, other } = await room.begin({ ...request, chapters: 4 });
    // Some chapters are in the middle, and perhaps one is done.
    await expect.poll(() => room.model.reached, { interval: 5 }).toBeGreaterThan(2_500);
    await writer.kill();
    await room.keep();
    expect(other.said).not.toContain("processing");

    expect(await room.books.wait("ada", 1)).toMatchObject({ status: "completed" });
    expect(other.said).toContain("processing");
    room.checkBill();
    const texts = (await room.books.chapters("ada", 1)).map(({ text }) => text);
    expect(texts).toEqual(room.story.chapters);
    expect(room.model.outlines).toBe(1);
  });
});
