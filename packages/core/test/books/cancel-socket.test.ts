import { once } from "node:events";
import { expect, test } from "vitest";
import { beginStream, startRawServer, textChunk } from "../support/llm/raw-server.js";
import { openBooksRoom } from "./support/books-room.js";

const outline = JSON.stringify({
  premise: "The sea.",
  chapters: [{ number: 1, title: "One", summary: "All of it.", words: 1_000 }],
});

test("a cancel closes the model's socket within 50 ms, and keeps the text that had come", async () => {
  const latencies: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    let closedAt: Promise<number> | undefined;
    await using server = await startRawServer((response, body) => {
      beginStream(response);
      if (body.includes("[inkwire outline]")) {
        response.end(
          `${textChunk(outline)}data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
        );
        return;
      }
      // It never ends by itself.
      response.write(textChunk("The tide came in while nobody looked. ".repeat(20)));
      closedAt = once(response, "close").then(() => performance.now());
    });
    await using room = await openBooksRoom(() => server.author());
    const { bookId } = await room.books.create("ada", {
      title: "Tides",
      chapters: 1,
      words: 1_000,
    });
    await expect
      .poll(async () => (await room.books.chapter("ada", bookId, 1).catch(() => undefined))?.text, {
        timeout: 10_000,
      })
      .toContain("nobody looked");
    const askedAt = performance.now();
    const cancelled = room.books.cancel("ada", bookId);
    latencies.push(((await closedAt) ?? Number.POSITIVE_INFINITY) - askedAt);
    await cancelled;
    const view = await room.books.wait("ada", bookId);
    expect(view).toMatchObject({ status: "cancelled" });
    const { text, done } = await room.books.chapter("ada", bookId, 1);
    expect({ done, kept: text.startsWith("The tide came in") }).toEqual({
      done: false,
      kept: true,
    });
  }
  // The machine may be busy; what counts is that nothing in the program takes the time.
  expect(Math.min(...latencies)).toBeLessThan(50);
});
