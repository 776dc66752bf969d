import { expect, test } from "vitest";
import { bookView, doneMessage, outlineOf, textMessage, updateMessage } from "../support/book.js";
import { openBook, type OpenBook, type OpenBookOptions } from "../support/open-book.js";

/** Three of twelve chapters are being written; the text of each says which one it is. */
async function openThree(options: OpenBookOptions = {}): Promise<OpenBook> {
  const book = openBook({ keys: true, color: false, ...options });
  book.renderer.snapshot(bookView({ chapters: outlineOf(12, 4), targetWords: 1200 }));
  for (const chapter of [5, 6, 7])
    book.renderer.message(textMessage(chapter, 0, `This is the text of part ${chapter}. `));
  await book.frame();
  return book;
}

function shown({ terminal }: OpenBook): string {
  const lines = terminal.screen();
  const marked = lines.filter((line) => line.startsWith("▸")).map((line) => line.slice(0, 5));
  return [...marked, ...lines.filter((line) => line.startsWith("  │"))].join(" ");
}

test("the keys choose whose text is shown, round and round", async () => {
  await using book = await openThree();
  expect(shown(book)).toBe("▸  5    │ This is the text of part 5.");
  const seen: string[] = [];
  for (const key of ["next", "next", "next", "previous", "previous"] as const) {
    book.press(key);
    await book.frame();
    seen.push(shown(book));
  }
  expect(seen).toEqual(
    [6, 7, 5, 7, 6].map((number) => `▸  ${number}    │ This is the text of part ${number}.`),
  );
});

test("what was chosen stays while others write more, until it is done or let go", async () => {
  await using book = await openThree();
  book.press("previous");
  const length = "This is the text of part 6. ".length;
  for (let second = 0; second < 10; second += 1) {
    book.renderer.message(textMessage(6, length + second * 5, "more "));
    await book.frame(1000);
  }
  expect(shown(book)).toBe("▸  7    │ This is the text of part 7.");
  book.press("automatic");
  await book.frame();
  book.renderer.message(textMessage(6, length + 50, "more "));
  await book.frame();
  expect(shown(book)).toContain("▸  6    │ This is the text of part 6.");
  book.press("next");
  book.renderer.message(doneMessage(7, length));
  await book.frame();
  expect(shown(book)).toContain("▸  6    │ This is the text of part 6.");
});

test("a chapter that has no text yet can be chosen, and shows how long it still waits", async () => {
  await using book = await openThree();
  const retry = (chapter: number, seconds: number): void =>
    book.renderer.message(
      updateMessage({
        current_step: `chapter ${chapter}`,
        message: `Chapter ${chapter}: the provider is busy, trying again in ${seconds} s (2 of 5)`,
        attempt: 2,
        retry_at: new Date(book.clock.now().getTime() + seconds * 1000).toISOString(),
      }),
    );
  retry(7, 5);
  retry(8, 30);
  await book.frame(1500);
  const rows = (pattern: RegExp): string[] =>
    book.terminal.screen().filter((line) => pattern.test(line));
  expect(rows(/trying again/)).toEqual([
    "↻ Chapter 7: the provider is busy, trying again in 4 s (2 of 5)",
  ]);
  expect(rows(/^. {2}7/).at(-1)).toMatch(/^↻ .* in 4 s$/);
  book.press("previous");
  await book.frame();
  expect(rows(/trying again/)).toEqual([
    "↻ Chapter 8: the provider is busy, trying again in 29 s (2 of 5)",
  ]);
  expect(rows(/^▸/)[0]).toMatch(/^▸ {2}8 .* in 29 s$/);
});

test("tells the keys until one is pressed, in one line that costs no more rows", async () => {
  await using book = await openThree();
  expect(book.terminal.screen()).toContain("↑ ↓ other chapter · Ctrl-C stops safely");
  book.press("next");
  await book.frame();
  expect(book.terminal.screen().join("\n")).not.toContain("other chapter");
});

test("fits 40 by 10 with the hint", async () => {
  await using book = await openThree({ columns: 40, rows: 10 });
  book.renderer.message(
    updateMessage({ progress: 40, eta_seconds: 130, cost_usd: 0.0312, estimated: true }),
  );
  await book.frame();
  expect(book.terminal.screen().slice(-9)).toEqual([
    expect.stringMatching(/^$|more$/),
    "━━━━━━━━━━━━━╸───────────────────   40%",
    "4/12 · 0:00 · ~2 min left · ~$0.031",
    "▸  5  Part 5        ╸─────      7 words",
    "   6  Part 6        ╸─────      7 words",
    "   7  Part 7        ╸─────      7 words",
    "  │ This is the text of part 5.",
    "↑ ↓ other chapter · Ctrl-C stops safely",
    "",
  ]);
});

test("has nothing to choose where one chapter is written, and says nothing of it", async () => {
  await using book = openBook({ keys: true });
  book.renderer.snapshot(bookView({ chapters: outlineOf(2, 1), targetWords: 200 }));
  book.renderer.message(textMessage(2, 0, "Alone. "));
  book.press("next", "previous", "automatic");
  await book.frame();
  expect(book.terminal.screen().join("\n")).not.toContain("other chapter");
});

test("says what it costs also where not everything fits", async () => {
  await using book = await openThree();
  const eta = { eta_seconds: 130, eta_low_seconds: 100, eta_high_seconds: 170 };
  book.renderer.message(
    updateMessage({ progress: 40, ...eta, cost_usd: 0.0312, words: 12_345, estimated: true }),
  );
  await book.frame(83_000);
  const line = book.terminal.screen().find((text) => text.includes("of 12 chapters")) ?? "";
  expect(line).toMatch(/^4 of 12 chapters · 12,345 words · 1 min 23 s · .+ left · ~\$0\.031$/);
});

test("keys are given back at the end, and a screen reader is not disturbed by them", async () => {
  const book = await openThree();
  expect(book.keysReleased).toBe(false);
  await book.renderer.close();
  expect(book.keysReleased).toBe(true);
  await using spoken = await openThree({ env: { INK_SCREEN_READER: "true" } });
  expect(spoken.keysReleased).toBe(true);
});
